"""XGBoost as a random forest: splits among 256 bins."""
import sys

try:
    import train_data as data
    import xgboost
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

forest = xgboost.XGBRFRegressor(
    n_estimators=data.TREES,
    max_depth=data.DEPTH,
    subsample=data.SAMPLE,
    colsample_bynode=1.0,
    min_child_weight=data.LEAF_ROWS,
    tree_method="hist",
    n_jobs=data.THREADS,
    random_state=data.SEED,
)
data.train(xgboost.__version__, lambda x, y: forest.fit(x, y).predict)
