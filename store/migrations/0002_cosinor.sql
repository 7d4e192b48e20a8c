-- The cosinor of a day: ln(nmol/L) against hours since awakening, a cosine of 24 h, without the awakening response.

alter table profiles add column mesor double precision;                    -- mean of the curve, ln(nmol/L)
alter table profiles add column amplitude double precision;                -- half the distance from trough to peak, ln(nmol/L)
alter table profiles add column peak_clock_time double precision;          -- when the curve is highest, hours after local midnight
alter table profiles add column cosinor_p double precision;                -- p of the zero-amplitude test

-- Days that were judged before have no cosinor, and say so until they are judged again.
update profiles set absent = case when absent = '' then '' else absent || ';' end
    || 'mesor=not_computed;amplitude=not_computed;peak_clock_time=not_computed;cosinor_p=not_computed';
