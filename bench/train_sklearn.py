"""scikit-learn's forest: exact splits."""
import sys

try:
    import sklearn
    import train_data as data
    from sklearn.ensemble import RandomForestRegressor
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

forest = RandomForestRegressor(
    n_estimators=data.TREES,
    max_depth=data.DEPTH,
    max_features=1.0,
    min_samples_split=data.NODE_ROWS + 1,
    n_jobs=data.THREADS,
    random_state=data.SEED,
)
data.train(sklearn.__version__, lambda x, y: forest.fit(x, y).predict)
