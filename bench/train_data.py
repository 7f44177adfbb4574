"""The rows that bench/train.ts wrote, and its way to hear of a forest: each peer is called PEER.py FOLDER FEATURES THREADS."""
import json
import sys
import time

import numpy

FOLDER, FEATURES, THREADS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
TREES = 100
DEPTH = 12
# A node of so many rows or fewer is not split; where only the rows of a leaf can be bounded, half as many.
NODE_ROWS = 20
LEAF_ROWS = 10
# A bootstrap sample holds so much of the rows; for libraries that draw without putting back.
SAMPLE = 0.632
SEED = 42
# By the names of scikit-learn, and of scikit-learn-intelex.
SCIKIT_LEARN = {
    "n_estimators": TREES,
    "max_depth": DEPTH,
    "max_features": 1.0,
    "min_samples_split": NODE_ROWS + 1,
    "n_jobs": THREADS,
    "random_state": SEED,
}


def rows(name):
    return numpy.fromfile(f"{FOLDER}/{name}-x.f64").reshape(-1, FEATURES)


def train(version, fit):
    """Times `fit(x, y)`, which returns a function of rows, and writes what that gives for the hold-out."""
    x, y = rows("fit"), numpy.fromfile(f"{FOLDER}/fit-y.f64")
    wall, cpu = time.perf_counter(), time.process_time()
    predict = fit(x, y)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    numpy.asarray(predict(rows("holdout")), dtype=numpy.float64).tofile(f"{FOLDER}/predicted.f64")
    print(json.dumps({"version": version, "cpuSeconds": cpu, "wallSeconds": wall}))
