"""LightGBM as a random forest: splits among 255 bins."""
import sys

try:
    import lightgbm
    import train_data as data
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

forest = lightgbm.LGBMRegressor(
    boosting_type="rf",
    n_estimators=data.TREES,
    max_depth=data.DEPTH,
    num_leaves=2**data.DEPTH,
    min_child_samples=data.LEAF_ROWS,
    min_child_weight=0,
    subsample=data.SAMPLE,
    subsample_freq=1,
    n_jobs=data.THREADS,
    random_state=data.SEED,
    verbose=-1,
)
data.train(lightgbm.__version__, lambda x, y: forest.fit(x, y).predict)
