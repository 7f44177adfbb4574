"""Trains scikit-learn's forest on the rows that bench/train.ts wrote; prints its time and hold-out predictions as JSON."""
import json
import sys
import time

try:
    import numpy
    import sklearn
    from sklearn.ensemble import RandomForestRegressor
except ImportError:
    sys.exit(3)

folder, features, trees, depth, jobs = sys.argv[1], *map(int, sys.argv[2:6])
x = numpy.fromfile(f"{folder}/.train-x.f64").reshape(-1, features)
y = numpy.fromfile(f"{folder}/.train-y.f64")
other = numpy.fromfile(f"{folder}/.holdout-x.f64").reshape(-1, features)
# The same work as ours: all columns at each split, nodes of three rows and fewer are not split.
forest = RandomForestRegressor(
    n_estimators=trees, max_depth=depth, max_features=1.0, min_samples_split=4, n_jobs=jobs, random_state=42
)
wall, cpu = time.perf_counter(), time.process_time()
forest.fit(x, y)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
print(json.dumps({"wall": wall, "cpu": cpu, "predicted": forest.predict(other).tolist(), "version": sklearn.__version__}))
