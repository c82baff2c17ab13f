"""Bitcoin candles from Binance: download, storage, features, training, judgement."""
