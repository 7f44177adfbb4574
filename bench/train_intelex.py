"""scikit-learn-intelex (oneDAL): scikit-learn's interface, splits among 256 bins."""
import sys
from importlib.metadata import version

try:
    import train_data as data
    from sklearnex.ensemble import RandomForestRegressor
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
data.train(version("scikit-learn-intelex"), lambda x, y: forest.fit(x, y).predict)
