"""Tests of the candles, the features, the training and the gate without any service."""
