-- Numbers where a date is wanted: 0 is no date, and up to 31 a day of no month.
-- ignore always: length, decimals, charset, flags, table, sizes, warnings
-- script: parts of numbers
select day(0), day(1), day(31), day(32), day(true), dayofmonth(false), day(0e0), day(-1), day('0');
select month(0), month(5), month(131), quarter(0), quarter(2), year(0), year(31), year(32), year(131);
select dayofyear(0), weekday(0), dayofweek(0), last_day(0), to_days(0), dayname(0), monthname(0), week(0), yearweek(0);
select extract(year from 0), extract(month from 0), extract(day from 0), extract(quarter from 0), extract(week from 0), extract(year_month from 0);
select extract(hour from 0), extract(minute from 0), extract(second from 0), extract(microsecond from 0), extract(day_hour from 0), extract(day_microsecond from 0);
select extract(hour_second from 0), extract(minute_microsecond from 0), extract(day from 1), extract(month from 5), extract(year from 0e0);
select hour(0), minute(0), second(0), time(0), date(0), cast(0 as date), cast(0 as datetime), date_add(0, interval 1 day), unix_timestamp(0);
