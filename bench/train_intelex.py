"""scikit-learn-intelex (oneDAL): scikit-learn's interface, splits among 256 bins."""
import sys
from importlib.metadata import version

try:
    import train_data as data
    from sklearnex.ensemble import RandomForestRegressor
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

forest = RandomForestRegressor(**data.SCIKIT_LEARN)
data.train(version("scikit-learn-intelex"), lambda x, y: forest.fit(x, y).predict)
