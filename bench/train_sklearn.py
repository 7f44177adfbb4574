"""scikit-learn's forest: exact splits."""
import sys

try:
    import sklearn
    import train_data as data
    from sklearn.ensemble import RandomForestRegressor
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

forest = RandomForestRegressor(**data.SCIKIT_LEARN)
data.train(sklearn.__version__, lambda x, y: forest.fit(x, y).predict)
