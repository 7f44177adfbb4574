"""What a model's manifest.json says around its forest, for the peers in Python: columns, transform, clamp, interval."""
import json

import numpy

NAMES = ["prediction", "low", "high"]


def read_manifest(folder):
    with open(f"{folder}/manifest.json", encoding="utf-8") as file:
        return json.load(file)


def quantities(manifest, column):
    """Features and derived columns by name, of whatever `column` gives for a column of the CSV: series, expressions, numbers."""
    found = {feature["name"]: column(feature["column"]) for feature in manifest["features"]}
    for derived in manifest["derived"]:
        name, op, of = derived["name"], derived["op"], derived["of"]
        if op == "share":
            found[name] = found[of] / found[derived["by"]]
        elif op == "remainder":
            first, *others = (found[minus] for minus in derived["minus"])
            found[name] = found[of] - sum(others, first)
        else:
            raise SystemExit(f"{op} of {name} is not written here")
    return found


def encoded(manifest, found):
    """The forest's columns in their order."""
    return [found[column.get("derived", column.get("feature"))] for column in manifest["encoding"]]


def amounts(manifest, found, outputs):
    """[N, 3] prediction and interval in the target's unit, from the forest's `outputs` [N, 3], as src/model/model.ts has them."""
    target, bands = manifest["target"], manifest["interval"]["bands"]
    scale, income, cap = (numpy.asarray(found[name]) for name in (target["transform"]["multiplyBy"], "income", target["clamp"]["max"]))
    ends = [band["below"] for band in bands[:-1]]
    beyond = numpy.array([band["quantile"] for band in bands])[numpy.searchsorted(ends, income, side="right")] * scale
    middle, low, high = outputs.T.astype(numpy.float64) * scale
    unclamped = numpy.stack(
        [middle, numpy.minimum(middle, numpy.minimum(middle, low) - beyond), numpy.maximum(middle, numpy.maximum(middle, high) + beyond)]
    )
    return numpy.maximum(target["clamp"]["min"], numpy.minimum(unclamped, cap)).T


def rounded(manifest, found, outputs):
    """The same in cents, as a CSV has them."""
    return numpy.round(amounts(manifest, found, outputs), 2)
