"""CSV in, CSV with predictions out, by pandas and scikit-learn: batch_pandas.py VERSION_FOLDER TREES.json IN.csv OUT.csv"""
import json
import sys

try:
    import numpy
    import pandas
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.tree import DecisionTreeRegressor
    from sklearn.tree._tree import NODE_DTYPE, Tree
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)
from savings_model import NAMES, encoded, quantities, read_manifest, rounded

LEAF = -1


def regressor(tree, features):
    """scikit-learn's tree of the same splits. It goes left where x <= threshold in float32, ours where x < threshold."""
    count = len(tree["column"])
    nodes = numpy.zeros(count, NODE_DTYPE)
    nodes["feature"], nodes["left_child"], nodes["right_child"] = tree["column"], tree["left"], tree["right"]
    nodes["threshold"] = numpy.nextafter(tree["threshold"], -numpy.inf)
    nodes["n_node_samples"] = nodes["weighted_n_node_samples"] = 1
    values = numpy.array(tree["answers"]).reshape(count, -1, 1)
    outputs = values.shape[1]
    inner = Tree(features, numpy.ones(outputs, numpy.intp), outputs)
    inner.__setstate__({"max_depth": tree["depth"], "node_count": count, "nodes": nodes, "values": values})
    outer = DecisionTreeRegressor()
    outer.tree_, outer.n_features_in_, outer.n_outputs_ = inner, features, outputs
    return outer


folder, trees, source, sink = sys.argv[1:5]
manifest = read_manifest(folder)
features = len(manifest["encoding"])
forest = RandomForestRegressor(n_jobs=1)
with open(trees) as file:
    forest.estimators_ = [regressor(tree, features) for tree in json.load(file)]
forest.n_features_in_, forest.n_outputs_ = features, forest.estimators_[0].n_outputs_

rows = pandas.read_csv(source)
found = quantities(manifest, rows.__getitem__)
x = numpy.column_stack(encoded(manifest, found)).astype(numpy.float32)
rows[NAMES] = rounded(manifest, found, forest.predict(x))
rows.to_csv(sink, index=False)
