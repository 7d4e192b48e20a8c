//! Names and values of the columns of fixed effects, as R makes them.

use diel_core::formula::Formula;

use super::frame_of;

/// R 4.2: `m <- model.matrix(formula, d)` on the table of these tests three times; of each column
/// its name and `sum(m * 1:24)`.
/// `piecewise` is written out in R as `pmin` and `pmax`.
const OF_R: &[(&str, &[(&str, f64)])] = &[
    (
        r#"y ~ (sample == "S2")"#,
        &[(r#"(Intercept)"#, 300.0), (r#"sample == "S2"TRUE"#, 156.0)],
    ),
    (
        r#"y ~ I(sample == "S2")"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"I(sample == "S2")TRUE"#, 156.0),
        ],
    ),
    (
        r#"y ~ 0+I(x>3)"#,
        &[(r#"I(x > 3)FALSE"#, 90.0), (r#"I(x > 3)TRUE"#, 210.0)],
    ),
    (
        r#"y ~ x/sex"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"x"#, 1524.0),
            (r#"x:sexb"#, 222.0),
            (r#"x:sexc"#, 414.0),
        ],
    ),
    (
        r#"y ~ sex:x"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"sexa:x"#, 888.0),
            (r#"sexb:x"#, 222.0),
            (r#"sexc:x"#, 414.0),
        ],
    ),
    (
        r#"y ~ 0+x+sex"#,
        &[
            (r#"x"#, 1524.0),
            (r#"sexa"#, 156.0),
            (r#"sexb"#, 66.0),
            (r#"sexc"#, 78.0),
        ],
    ),
    (
        r#"y ~ 0+sex"#,
        &[(r#"sexa"#, 156.0), (r#"sexb"#, 66.0), (r#"sexc"#, 78.0)],
    ),
    (
        r#"y ~ sex:sample"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"sexa:sampleS1"#, 0.0),
            (r#"sexb:sampleS1"#, 66.0),
            (r#"sexc:sampleS1"#, 78.0),
            (r#"sexa:sampleS2"#, 156.0),
            (r#"sexb:sampleS2"#, 0.0),
            (r#"sexc:sampleS2"#, 0.0),
        ],
    ),
    (
        r#"y ~ x+x:sex"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"x"#, 1524.0),
            (r#"x:sexb"#, 222.0),
            (r#"x:sexc"#, 414.0),
        ],
    ),
    (
        r#"y ~ 0+sex:x"#,
        &[
            (r#"sexa:x"#, 888.0),
            (r#"sexb:x"#, 222.0),
            (r#"sexc:x"#, 414.0),
        ],
    ),
    (
        r#"y ~ sex*sample*x - sex:sample"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"sexb"#, 66.0),
            (r#"sexc"#, 78.0),
            (r#"sampleS2"#, 156.0),
            (r#"x"#, 1524.0),
            (r#"sexb:x"#, 222.0),
            (r#"sexc:x"#, 414.0),
            (r#"sampleS2:x"#, 888.0),
            (r#"sexb:sampleS2:x"#, 0.0),
            (r#"sexc:sampleS2:x"#, 0.0),
        ],
    ),
    (
        r#"y ~ x %in% sex"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"x:sexa"#, 888.0),
            (r#"x:sexb"#, 222.0),
            (r#"x:sexc"#, 414.0),
        ],
    ),
    (
        r#"y ~ sex %in% sample"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"sexa:sampleS1"#, 0.0),
            (r#"sexb:sampleS1"#, 66.0),
            (r#"sexc:sampleS1"#, 78.0),
            (r#"sexa:sampleS2"#, 156.0),
            (r#"sexb:sampleS2"#, 0.0),
            (r#"sexc:sampleS2"#, 0.0),
        ],
    ),
    (
        r#"y ~ (x+z+sex)^2"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"x"#, 1524.0),
            (r#"z"#, 1464.0),
            (r#"sexb"#, 66.0),
            (r#"sexc"#, 78.0),
            (r#"x:z"#, 8916.0),
            (r#"x:sexb"#, 222.0),
            (r#"x:sexc"#, 414.0),
            (r#"z:sexb"#, 288.0),
            (r#"z:sexc"#, 492.0),
        ],
    ),
    (
        r#"y ~ sex/sample"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"sexb"#, 66.0),
            (r#"sexc"#, 78.0),
            (r#"sexa:sampleS2"#, 156.0),
            (r#"sexb:sampleS2"#, 0.0),
            (r#"sexc:sampleS2"#, 0.0),
        ],
    ),
    (
        r#"y ~ x*z - x"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"z"#, 1464.0),
            (r#"x:z"#, 8916.0),
        ],
    ),
    (
        r#"y ~ I(x^2)+log(x)+x:z+z"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"I(x^2)"#, 9600.0),
            (r#"log(x)"#, 438.009930655298),
            (r#"z"#, 1464.0),
            (r#"x:z"#, 8916.0),
        ],
    ),
    (
        r#"y ~ x+I(x/2)+scale(x)"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"x"#, 1524.0),
            (r#"I(x/2)"#, 762.0),
            (r#"scale(x)"#, 53.5173360992295),
        ],
    ),
    (
        r#"y ~ pmin(x, 1e5)+I(x*0.0001)+I(-x+2)"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"pmin(x, 1e+05)"#, 1524.0),
            (r#"I(x * 1e-04)"#, 0.1524),
            (r#"I(-x + 2)"#, -924.0),
        ],
    ),
    (
        r#"y ~ factor(x>3)+as.factor(z)"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"factor(x > 3)TRUE"#, 210.0),
            (r#"as.factor(z)2"#, 27.0),
            (r#"as.factor(z)3"#, 36.0),
            (r#"as.factor(z)4"#, 33.0),
            (r#"as.factor(z)5"#, 42.0),
            (r#"as.factor(z)6"#, 39.0),
            (r#"as.factor(z)7"#, 48.0),
            (r#"as.factor(z)8"#, 45.0),
        ],
    ),
    (
        r#"y ~ z:sex + x:sex"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"z:sexa"#, 684.0),
            (r#"z:sexb"#, 288.0),
            (r#"z:sexc"#, 492.0),
            (r#"sexa:x"#, 888.0),
            (r#"sexb:x"#, 222.0),
            (r#"sexc:x"#, 414.0),
        ],
    ),
    (
        r#"y ~ sex:sample:x + sample"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"sampleS2"#, 156.0),
            (r#"sexa:sampleS1:x"#, 0.0),
            (r#"sexb:sampleS1:x"#, 222.0),
            (r#"sexc:sampleS1:x"#, 414.0),
            (r#"sexa:sampleS2:x"#, 888.0),
            (r#"sexb:sampleS2:x"#, 0.0),
            (r#"sexc:sampleS2:x"#, 0.0),
        ],
    ),
    (
        r#"y ~ 0 + sample:sex"#,
        &[
            (r#"sampleS1:sexa"#, 0.0),
            (r#"sampleS2:sexa"#, 156.0),
            (r#"sampleS1:sexb"#, 66.0),
            (r#"sampleS2:sexb"#, 0.0),
            (r#"sampleS1:sexc"#, 78.0),
            (r#"sampleS2:sexc"#, 0.0),
        ],
    ),
    (
        r#"y ~ I(x==3)+I(x!=3)+I(x<=3)"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"I(x == 3)TRUE"#, 33.0),
            (r#"I(x != 3)TRUE"#, 267.0),
            (r#"I(x <= 3)TRUE"#, 90.0),
        ],
    ),
    (
        r#"y ~ I((x-1)^2)"#,
        &[(r#"(Intercept)"#, 300.0), (r#"I((x - 1)^2)"#, 6852.0)],
    ),
    (
        r#"y ~ x - 1 + 1"#,
        &[(r#"(Intercept)"#, 300.0), (r#"x"#, 1524.0)],
    ),
    (
        r#"y ~ z + x:z + x"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"z"#, 1464.0),
            (r#"x"#, 1524.0),
            (r#"z:x"#, 8916.0),
        ],
    ),
    (
        r#"y ~ (x+z):sex"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"x:sexa"#, 888.0),
            (r#"x:sexb"#, 222.0),
            (r#"x:sexc"#, 414.0),
            (r#"z:sexa"#, 684.0),
            (r#"z:sexb"#, 288.0),
            (r#"z:sexc"#, 492.0),
        ],
    ),
    (
        r#"y ~ (x+sex)/z"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"x"#, 1524.0),
            (r#"sexb"#, 66.0),
            (r#"sexc"#, 78.0),
            (r#"x:sexa:z"#, 4776.0),
            (r#"x:sexb:z"#, 1224.0),
            (r#"x:sexc:z"#, 2916.0),
        ],
    ),
    (
        r#"y ~ log(x, 2) + log2(z) + log10(x) + sqrt(z) + exp(x) + abs(x-4)"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"log(x, 2)"#, 631.914754816517),
            (r#"log2(z)"#, 618.146203798121),
            (r#"log10(x)"#, 190.225295902422),
            (r#"sqrt(z)"#, 640.257833824767),
            (r#"exp(x)"#, 463952.064596589),
            (r#"abs(x - 4)"#, 672.0),
        ],
    ),
    (
        r#"y ~ piecewise(x, 2, 5) * sex"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"piecewise(x, 2, 5)1"#, 573.0),
            (r#"piecewise(x, 2, 5)2"#, 627.0),
            (r#"piecewise(x, 2, 5)3"#, 324.0),
            (r#"sexb"#, 66.0),
            (r#"sexc"#, 78.0),
            (r#"piecewise(x, 2, 5)1:sexb"#, 105.0),
            (r#"piecewise(x, 2, 5)2:sexb"#, 117.0),
            (r#"piecewise(x, 2, 5)3:sexb"#, 0.0),
            (r#"piecewise(x, 2, 5)1:sexc"#, 156.0),
            (r#"piecewise(x, 2, 5)2:sexc"#, 168.0),
            (r#"piecewise(x, 2, 5)3:sexc"#, 90.0),
        ],
    ),
    (
        r#"y ~ pmax(x, z, 4) + I(sex != "b")"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"pmax(x, z, 4)"#, 1782.0),
            (r#"I(sex != "b")TRUE"#, 234.0),
        ],
    ),
    (
        r#"y ~ sample*sex - 1"#,
        &[
            (r#"sampleS1"#, 144.0),
            (r#"sampleS2"#, 156.0),
            (r#"sexb"#, 66.0),
            (r#"sexc"#, 78.0),
            (r#"sampleS2:sexb"#, 0.0),
            (r#"sampleS2:sexc"#, 0.0),
        ],
    ),
    (
        r#"y ~ -1 + x:sample + sex"#,
        &[
            (r#"sexa"#, 156.0),
            (r#"sexb"#, 66.0),
            (r#"sexc"#, 78.0),
            (r#"x:sampleS1"#, 636.0),
            (r#"x:sampleS2"#, 888.0),
        ],
    ),
    (
        r#"y ~ x^2 + (sex + sample)^3"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"x"#, 1524.0),
            (r#"sexb"#, 66.0),
            (r#"sexc"#, 78.0),
            (r#"sampleS2"#, 156.0),
            (r#"sexb:sampleS2"#, 0.0),
            (r#"sexc:sampleS2"#, 0.0),
        ],
    ),
    (r#"y ~ 1"#, &[(r#"(Intercept)"#, 300.0)]),
    (
        r#"y ~ (x + 0)*z"#,
        &[(r#"x"#, 1524.0), (r#"z"#, 1464.0), (r#"x:z"#, 8916.0)],
    ),
    (
        r#"y ~ z - (1 + x) + x"#,
        &[(r#"z"#, 1464.0), (r#"x"#, 1524.0)],
    ),
    (
        r#"y ~ sex*(x > 3)"#,
        &[
            (r#"(Intercept)"#, 300.0),
            (r#"sexb"#, 66.0),
            (r#"sexc"#, 78.0),
            (r#"x > 3TRUE"#, 210.0),
            (r#"sexb:x > 3TRUE"#, 39.0),
            (r#"sexc:x > 3TRUE"#, 45.0),
        ],
    ),
];

#[test]
fn columns_are_those_of_model_matrix() {
    for (formula, expected) in OF_R {
        let mixed = Formula::parse(&format!("{formula} + (1 | g)")).unwrap();
        let prepared = mixed.design(&frame_of(3)).unwrap();
        let columns = &prepared.design.parts().fixed;
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let expected_names: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, expected_names, "{formula}");
        for (column, (name, sum)) in columns.iter().zip(*expected) {
            let rows = column.values.iter().zip(1..);
            let found: f64 = rows.map(|(value, row)| value * f64::from(row)).sum();
            assert!(
                (found - sum).abs() <= 1e-12 * sum.abs().max(1.0),
                "{formula}, {name}: {found} is not {sum}"
            );
        }
    }
}
