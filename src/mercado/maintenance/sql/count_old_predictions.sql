-- How many predictions were made, and their candles closed, before an instant. Grain: one row.
select count(*)
from market_data.predictions
where predicted_at_utc < %(before)s and target_close_utc < %(before)s
