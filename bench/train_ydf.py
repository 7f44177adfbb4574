"""Yggdrasil Decision Forests: exact splits."""
import sys

try:
    import train_data as data
    import ydf
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)


def named(x):
    return {f"x{i}": column for i, column in enumerate(x.T)}


learner = ydf.RandomForestLearner(
    label="y",
    task=ydf.Task.REGRESSION,
    num_trees=data.TREES,
    # It counts the root as a level.
    max_depth=data.DEPTH + 1,
    min_examples=data.LEAF_ROWS,
    num_candidate_attributes_ratio=1.0,
    compute_oob_performances=False,
    num_threads=data.THREADS,
    random_seed=data.SEED,
)


def fit(x, y):
    model = learner.train({**named(x), "y": y}, verbose=0)
    return lambda other: model.predict(named(other))


data.train(ydf.__version__, fit)
