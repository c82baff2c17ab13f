-- Remove a batch of old predictions; their outcomes go by the foreign key's cascade. Grain: prediction_id.
-- Idempotent: what is gone is not found again.
delete from market_data.predictions
where prediction_id in (
    select prediction_id
    from market_data.predictions
    where predicted_at_utc < %(before)s and target_close_utc < %(before)s
    limit %(batch_rows)s
)
