//! Degrees of freedom beside lmerTest's, and answers that no unit and no offset changes.

use diel_core::formula::Formula;
use diel_core::frame::{Frame, FrameColumn, Labels};
use diel_core::mixed::{Criterion, FitSettings, MixedFit, fit, profile_intervals};

use crate::assert_near;

/// What R 4.2.2 with lme4 1.1-31, its optimum polished by Newton steps, and lmerTest 3.1-3 say of a model of [`table`].
struct Case {
    formula: &'static str,
    ml: bool,
    weighted: bool,
    objective: f64,
    estimates: &'static [f64],
    ses: &'static [f64],
    df: &'static [f64],
    /// In any order.
    sds: &'static [f64],
    residual: f64,
}

const CASES: [Case; 22] = [
    Case {
        formula: "y ~ x + (x | id)",
        ml: false,
        weighted: false,
        objective: 285.483_151_129_5,
        estimates: &[2.509_818_952_6, 0.572_185_735_9],
        ses: &[0.235_433_468_42, 0.140_317_107_01],
        df: &[22.517_173_043, 15.978_786_714],
        sds: &[1.104_816_608_22, 0.556_864_487_19],
        residual: 0.564_442_939_86,
    },
    Case {
        formula: "y ~ x * sex + t + (x | id)",
        ml: false,
        weighted: false,
        objective: 282.012_362_069_1,
        estimates: &[
            2.074_316_200_17,
            0.684_174_241_84,
            0.215_544_523_34,
            0.053_754_707_65,
            -0.358_848_243_33,
        ],
        ses: &[
            0.371_265_660_098,
            0.161_108_277_648,
            0.494_812_037_36,
            0.021_372_170_531,
            0.224_357_428_295,
        ],
        df: &[
            22.614_637_019_6,
            10.175_426_345_9,
            18.376_928_176_9,
            91.983_095_590_8,
            8.271_325_549_8,
        ],
        sds: &[1.170_261_309_84, 0.412_588_400_23],
        residual: 0.568_612_006_94,
    },
    Case {
        formula: "y ~ x + t + (x || id)",
        ml: false,
        weighted: false,
        objective: 288.722_768_902_4,
        estimates: &[2.125_243_667_522, 0.623_840_638_206, 0.065_908_404_041],
        ses: &[0.257_784_000_965, 0.140_431_209_429, 0.021_445_458_731],
        df: &[35.789_882_096, 14.460_981_562, 87.429_132_219],
        sds: &[1.056_757_220_12, 0.552_511_253_54],
        residual: 0.544_387_494_85,
    },
    Case {
        formula: "y ~ x + (1 | id/day)",
        ml: false,
        weighted: false,
        objective: 311.323_761_418,
        estimates: &[2.558_048_760_67, 0.449_935_539_98],
        ses: &[0.263_537_383_341, 0.076_753_928_726],
        df: &[23.144_923_994, 91.467_517_301],
        sds: &[0.0, 1.235_953_592],
        residual: 0.719_849_645_56,
    },
    Case {
        formula: "y ~ x + t + (x | id) + (1 | id:day)",
        ml: false,
        weighted: false,
        objective: 283.999_583_566_3,
        estimates: &[2.162_443_706_407, 0.565_979_167_933, 0.059_153_482_637],
        ses: &[0.261_273_290_715, 0.131_300_501_236, 0.021_305_676_283],
        df: &[35.044_085_103, 15.280_840_183, 89.925_824_759],
        sds: &[0.0, 1.076_306_971_24, 0.511_511_574_86],
        residual: 0.548_896_605_66,
    },
    Case {
        formula: "y ~ x + (x + t | id)",
        ml: false,
        weighted: false,
        objective: 259.187_752_197_3,
        estimates: &[2.223_999_715_23, 0.289_998_612_28],
        ses: &[0.192_524_815_35, 0.076_737_814_377],
        df: &[21.709_967_135, 21.260_805_446],
        sds: &[0.780_687_709_02, 0.452_298_798_17, 0.132_547_836_84],
        residual: 0.467_852_017_23,
    },
    Case {
        formula: "y ~ 0 + arm + x + (x | id)",
        ml: false,
        weighted: false,
        objective: 288.031_539_603_8,
        estimates: &[
            2.543_149_682_64,
            2.400_167_989_18,
            2.589_813_925_29,
            0.552_855_981_08,
        ],
        ses: &[
            0.251_567_403_04,
            0.252_034_180_58,
            0.251_572_727_39,
            0.137_896_362_59,
        ],
        df: &[27.991_725_857, 28.132_119_2, 27.787_211_443, 15.928_018_939],
        sds: &[1.115_598_481_28, 0.540_364_962_58],
        residual: 0.568_094_458_49,
    },
    Case {
        formula: "y ~ x + (x | id)",
        ml: false,
        weighted: true,
        objective: 293.187_192_157_4,
        estimates: &[2.512_869_948_04, 0.586_983_954_92],
        ses: &[0.232_068_227_59, 0.145_044_623_84],
        df: &[22.553_439_998, 15.162_318_886],
        sds: &[1.082_278_962_5, 0.577_744_893_2],
        residual: 0.573_207_110_49,
    },
    Case {
        formula: "y ~ arm * sex + (0 + arm | id)",
        ml: false,
        weighted: false,
        objective: 334.519_415_624_5,
        estimates: &[
            2.555_495_921_646_5,
            -0.361_383_604_075_8,
            0.176_092_056_614_6,
            0.029_717_926_863_1,
            0.486_851_837_147_7,
            0.005_799_748_765_2,
        ],
        ses: &[
            0.424_848_235_7,
            0.271_874_809_4,
            0.291_951_883_08,
            0.604_211_921_92,
            0.385_243_679_08,
            0.407_920_135_92,
        ],
        df: &[
            20.768_595_448,
            47.301_368_871,
            24.052_598_131,
            20.886_627_332,
            46.254_708_938,
            23.405_448_88,
        ],
        sds: &[1.319_692_663_3, 1.207_142_856_7, 1.432_460_319_6],
        residual: 0.802_201_991_59,
    },
    Case {
        formula: "y ~ x + (t | id)",
        ml: false,
        weighted: false,
        objective: 279.258_979_793_8,
        estimates: &[2.260_934_727_51, 0.385_129_837_12],
        ses: &[0.197_789_284_553, 0.063_895_684_854],
        df: &[22.970_126_098, 83.486_327_721],
        sds: &[0.855_260_069_02, 0.162_675_847_31],
        residual: 0.544_311_728_47,
    },
    Case {
        formula: "y ~ x + (1 | id) + (0 + x | id) + (0 + t | id)",
        ml: false,
        weighted: false,
        objective: 275.304_633_629_2,
        estimates: &[2.210_343_607_97, 0.492_069_961_62],
        ses: &[0.197_808_307_31, 0.104_288_833_06],
        df: &[21.535_759_035, 10.307_106_976],
        sds: &[0.788_185_563_02, 0.350_995_883_45, 0.135_658_200_59],
        residual: 0.490_845_721_44,
    },
    Case {
        formula: "y ~ x + (x | id)",
        ml: true,
        weighted: false,
        objective: 282.009_633_962_6,
        estimates: &[2.510_737_789_18, 0.565_832_674_51],
        ses: &[0.231_055_221_24, 0.136_064_839_05],
        df: &[23.456_735_767, 16.596_903_378],
        sds: &[1.083_087_040_2, 0.534_838_171_83],
        residual: 0.564_929_387_79,
    },
    Case {
        formula: "y ~ x * sex + t + (x | id)",
        ml: true,
        weighted: false,
        objective: 270.113_417_890_5,
        estimates: &[
            2.093_935_065_978,
            0.669_410_987_09,
            0.213_834_222_688,
            0.049_850_700_178,
            -0.430_157_150_841,
        ],
        ses: &[
            0.368_977_432_44,
            0.141_359_857_641,
            0.491_841_669_767,
            0.020_877_180_513,
            0.191_321_171_862,
        ],
        df: &[
            29.448_671_086,
            28.117_653_383,
            23.642_182_981,
            95.201_953_32,
            24.611_428_51,
        ],
        sds: &[1.164_401_422_47, 0.335_498_056_66],
        residual: 0.583_336_820_59,
    },
    Case {
        formula: "y ~ x + t + (x || id)",
        ml: true,
        weighted: false,
        objective: 279.586_468_675_2,
        estimates: &[2.122_983_218_442, 0.619_357_856_25, 0.066_423_808_536],
        ses: &[0.253_369_020_483, 0.135_894_155_2, 0.021_256_763_294],
        df: &[37.582_350_69, 15.084_291_752, 89.339_851_216],
        sds: &[1.034_747_705_7, 0.529_865_732_9],
        residual: 0.541_320_821_93,
    },
    Case {
        formula: "y ~ x + (1 | id/day)",
        ml: true,
        weighted: false,
        objective: 307.170_016_390_9,
        estimates: &[2.558_320_563_6, 0.450_122_712_01],
        ses: &[0.257_905_741_653, 0.076_304_307_758],
        df: &[24.148_800_789, 92.585_541_24],
        sds: &[0.0, 1.207_822_973_9],
        residual: 0.715_844_091_51,
    },
    Case {
        formula: "y ~ x + t + (x | id) + (1 | id:day)",
        ml: true,
        weighted: false,
        objective: 274.532_214_860_6,
        estimates: &[2.161_298_839_155, 0.559_709_851_718, 0.059_412_528_579],
        ses: &[0.256_871_687_84, 0.126_890_871_41, 0.021_110_319_41],
        df: &[36.817_319_856, 15.892_679_812, 91.951_888_648],
        sds: &[
            0.000_000_016_002_89,
            1.054_475_203_955_18,
            0.489_526_003_668_43,
        ],
        residual: 0.546_159_870_8,
    },
    Case {
        formula: "y ~ x + (x + t | id)",
        ml: true,
        weighted: false,
        objective: 254.337_384_243_8,
        estimates: &[2.225_708_128_51, 0.289_318_142_85],
        ses: &[0.187_743_790_885, 0.074_796_193_927],
        df: &[22.620_256_493, 22.626_830_384],
        sds: &[0.756_793_667_09, 0.437_992_890_53, 0.133_967_764_21],
        residual: 0.466_430_152_02,
    },
    Case {
        formula: "y ~ 0 + arm + x + (x | id)",
        ml: true,
        weighted: false,
        objective: 280.125_119_367_7,
        estimates: &[
            2.545_119_199_97,
            2.399_398_005_29,
            2.590_467_767_7,
            0.547_809_917_63,
        ],
        ses: &[
            0.246_777_191_94,
            0.247_214_337_01,
            0.246_838_793,
            0.133_286_072_65,
        ],
        df: &[
            29.234_304_763,
            29.374_957_232,
            29.033_326_672,
            16.575_612_663,
        ],
        sds: &[1.093_549_712_8, 0.518_840_402_3],
        residual: 0.561_288_703_85,
    },
    Case {
        formula: "y ~ x + (x | id)",
        ml: true,
        weighted: true,
        objective: 289.776_125_048_7,
        estimates: &[2.514_053_672_67, 0.580_421_379_75],
        ses: &[0.227_699_047_61, 0.140_521_401_74],
        df: &[23.484_084_429, 15.713_689_441],
        sds: &[1.060_535_596, 0.554_166_408_44],
        residual: 0.573_850_297_99,
    },
    Case {
        formula: "y ~ arm * sex + (0 + arm | id)",
        ml: true,
        weighted: false,
        objective: 331.030_341_758_6,
        estimates: &[
            2.555_862_161_713_81,
            -0.359_672_536_380_87,
            0.175_755_578_028_48,
            0.033_210_025_200_83,
            0.485_303_000_213_51,
            0.000_758_348_657_61,
        ],
        ses: &[
            0.407_930_121_98,
            0.266_873_183_62,
            0.281_800_574_11,
            0.580_251_402_61,
            0.378_187_413_18,
            0.393_662_737_94,
        ],
        df: &[
            22.644_881_058,
            55.327_394_106,
            30.746_165_241,
            22.759_710_543,
            53.910_471_318,
            30.051_074_271,
        ],
        sds: &[1.258_713_402_5, 1.145_453_675_6, 1.360_257_808_7],
        residual: 0.791_167_934_79,
    },
    Case {
        formula: "y ~ x + (t | id)",
        ml: true,
        weighted: false,
        objective: 274.162_600_343,
        estimates: &[2.259_111_996_49, 0.384_451_533_05],
        ses: &[0.193_375_892_89, 0.063_437_836_92],
        df: &[23.954_426_825, 84.684_583_364],
        sds: &[0.833_545_418_19, 0.162_620_529_96],
        residual: 0.540_640_901_84,
    },
    Case {
        formula: "y ~ x + (1 | id) + (0 + x | id) + (0 + t | id)",
        ml: true,
        weighted: false,
        objective: 271.141_384_044_6,
        estimates: &[2.202_573_175_49, 0.479_899_243_98],
        ses: &[0.192_843_082_931, 0.099_090_200_893],
        df: &[22.570_913_318, 10.341_292_145],
        sds: &[0.759_852_061_6, 0.321_672_522_4, 0.137_364_740_57],
        residual: 0.492_809_800_49,
    },
];

/// Numbers between -3 and 3 that R draws alike: Park and Miller's generator, three at a time.
struct Draws(f64);

impl Draws {
    fn uniform(&mut self) -> f64 {
        self.0 = (16_807.0 * self.0) % 2_147_483_647.0;
        self.0 / 2_147_483_647.0
    }

    fn bell(&mut self) -> f64 {
        2.0 * (self.uniform() + self.uniform() + self.uniform() - 1.5)
    }
}

/// 24 persons of one to seven rows, in days of two, who differ in level and slopes.
fn table() -> Frame {
    let mut draws = Draws(1.0);
    let (mut id, mut day, mut sex, mut arm) = (vec![], vec![], vec![], vec![]);
    let (mut x, mut t, mut w, mut y) = (vec![], vec![], vec![], vec![]);
    for person in 0..24_usize {
        let (a, b) = (draws.bell(), draws.bell());
        let rows = if person < 2 { 1 } else { 3 + person % 5 };
        for row in 0..rows {
            let (of_x, e) = (draws.bell(), draws.bell());
            let of_t = 12.0 * draws.uniform();
            id.push(format!("P{person:02}"));
            day.push(format!("D{}", row / 2));
            sex.push(if person % 2 == 1 { "m" } else { "f" });
            arm.push(["a", "b", "c"][(person + row) % 3]);
            w.push(0.5 + draws.uniform());
            y.push(2.0 + 0.5 * of_x + 0.9 * a + 0.5 * b * of_x + 0.1 * of_t * (1.0 + b) + 0.5 * e);
            x.push(of_x);
            t.push(of_t);
        }
    }
    let mut frame = Frame::new(y.len());
    let year: Vec<f64> = t.iter().map(|t| 2020.0 + t).collect();
    let steep: Vec<f64> = y.iter().zip(&t).map(|(y, t)| y + 1e8 * t).collect();
    for (name, values) in [
        ("x", x),
        ("t", t),
        ("w", w),
        ("y", y),
        ("year", year),
        ("steep", steep),
    ] {
        frame.push(name, FrameColumn::numbers(values)).unwrap();
    }
    let texts = |texts: &[String]| Labels::from_texts(texts.iter().map(|text| Some(text.as_str())));
    frame.push("id", texts(&id).into()).unwrap();
    frame.push("day", texts(&day).into()).unwrap();
    for (name, labels) in [("sex", sex), ("arm", arm)] {
        let labels = Labels::from_texts(labels.into_iter().map(Some));
        frame.push(name, labels.into()).unwrap();
    }
    frame
}

fn fitted(frame: &Frame, formula: &str, ml: bool, weighted: bool) -> MixedFit {
    let read = Formula::parse(formula).unwrap();
    let prepared = if weighted {
        read.weighted_design(frame, "w")
    } else {
        read.design(frame)
    };
    let settings = FitSettings {
        criterion: if ml { Criterion::Ml } else { Criterion::Reml },
        ..FitSettings::default()
    };
    let found = fit(&prepared.unwrap().design, &settings).unwrap();
    assert!(
        found.optimizer.converged,
        "{formula}: {:?}",
        found.optimizer
    );
    found
}

#[test]
fn estimates_and_degrees_of_freedom_are_those_of_r() {
    let frame = table();
    for case in &CASES {
        let found = fitted(&frame, case.formula, case.ml, case.weighted);
        assert_near(found.objective, case.objective, 1e-7);
        assert_near(found.residual_sd, case.residual, 1e-6 * case.residual);
        assert_eq!(found.fixed.len(), case.estimates.len(), "{}", case.formula);
        for (index, effect) in found.fixed.iter().enumerate() {
            assert_near(effect.estimate, case.estimates[index], 1e-6 * effect.se);
            assert_near(effect.se, case.ses[index], 1e-6 * effect.se);
            // lmerTest takes its derivatives by differences of values, which leaves five digits.
            assert_near(effect.df, case.df[index], 1e-4 * case.df[index]);
        }
        let sorted = |sds: &mut dyn Iterator<Item = f64>| {
            let mut sds: Vec<f64> = sds.collect();
            sds.sort_by(f64::total_cmp);
            sds
        };
        let sds = sorted(&mut found.random.iter().flat_map(|term| term.sd.clone()));
        let expected = sorted(&mut case.sds.iter().copied());
        assert_eq!(sds.len(), expected.len(), "{}", case.formula);
        for (sd, expected) in sds.iter().zip(expected) {
            assert_near(*sd, expected, 1e-5 * expected.max(1e-2));
        }
    }
}

/// t and degrees of freedom, which have no unit, of the coefficients from `first` on.
#[track_caller]
fn assert_same(one: &MixedFit, other: &MixedFit, first: usize) {
    assert_eq!(one.fixed.len(), other.fixed.len());
    for (one, other) in one.fixed.iter().zip(&other.fixed).skip(first) {
        assert_near(one.t, other.t, 1e-6 * other.t.abs());
        assert_near(one.df, other.df, 1e-4 * other.df);
    }
}

#[test]
fn no_unit_of_the_response_changes_a_test() {
    let frame = table();
    for model in ["x * sex + t + (x | id)", "x + t + (x | id) + (1 | id:day)"] {
        let plain = fitted(&frame, &format!("y ~ {model}"), false, false);
        for scale in ["1e9", "1e-9", "1e30", "1e-30"] {
            let scaled = fitted(&frame, &format!("I({scale} * y) ~ {model}"), false, false);
            assert_same(&scaled, &plain, 0);
        }
    }
}

/// Where no digits are left in products of columns far from zero, lme4 loses them.
#[test]
fn columns_far_from_zero_lose_no_digits() {
    let frame = table();
    let by_hour = fitted(&frame, "y ~ t + x + (1 | id)", false, false);
    let by_year = fitted(&frame, "y ~ year + x + (1 | id)", false, false);
    assert_same(&by_year, &by_hour, 1);
    assert_near(by_year.objective, by_hour.objective, 1e-7);
    // Levels of a factor add up to an intercept.
    let of_factor = fitted(&frame, "y ~ 0 + arm + t + (x | id)", false, false);
    let far = fitted(
        &frame,
        "I(y + 1e6) ~ 0 + arm + year + (x | id)",
        false,
        false,
    );
    assert_same(&far, &of_factor, 3);
    assert_near(far.objective, of_factor.objective, 1e-6);
    // A random slope from an origin far away is that from one near by.
    let near = fitted(&frame, "y ~ t + (t | id)", false, false);
    let far = fitted(&frame, "y ~ year + (year | id)", false, false);
    assert_near(far.objective, near.objective, 1e-6);
    assert_near(
        far.random[0].sd[1],
        near.random[0].sd[1],
        1e-5 * near.random[0].sd[1],
    );
    // A line that explains nearly all leaves the same rest. R's own digits of y + 1e8 t end at the eighth.
    let rest = fitted(&frame, "y ~ t + x + (x | id)", false, false);
    let steep = fitted(&frame, "steep ~ t + x + (x | id)", false, false);
    assert_near(steep.objective, rest.objective, 1e-5);
    assert_near(steep.fixed[2].estimate, rest.fixed[2].estimate, 1e-6);
    assert_near(steep.fixed[2].df, rest.fixed[2].df, 1e-4 * rest.fixed[2].df);
}

/// The correlation is 1 at the maximum and less where the slope's standard deviation is held at the end of its interval.
#[test]
fn a_profile_leaves_the_boundary_of_the_maximum() {
    let frame = table();
    let formula = "y ~ x * sex + t + (x | id)";
    let found = fitted(&frame, formula, true, false);
    assert!(found.singular);
    let design = Formula::parse(formula)
        .unwrap()
        .design(&frame)
        .unwrap()
        .design;
    let intervals = profile_intervals(&design, &found).unwrap();
    assert_eq!(intervals[1].parameter, "sd_x|id");
    // R 4.2.2: the dense likelihood minimised by optim from several starts, its rise of 3.841459 found by uniroot.
    assert_near(intervals[1].upper.unwrap(), 0.621_242_8, 1e-6);
}
