"""Answers rows with an ONNX graph: all at once, and the first `singles` of them one by one. Standard input and output are JSON.

In:  {"path", "rows": {input: [value, ...]}, "singles"}, with "NaN", "Infinity" and "-Infinity" for what JSON has no number.
Out: {"batch": {output: [...]}, "single": {output: [...]}}, in which null is NaN.
"""
import json
import math
import sys

import numpy
import onnx
import onnxruntime

asked = json.load(sys.stdin)
onnx.checker.check_model(asked["path"], full_check=True)
session = onnxruntime.InferenceSession(asked["path"], providers=["CPUExecutionProvider"])
names = [output.name for output in session.get_outputs()]


def column(of):
    values = asked["rows"][of.name]
    if of.type == "tensor(string)":
        return numpy.array(values, dtype=object).reshape(-1, 1)
    return numpy.array([float(value) for value in values], dtype=numpy.float64).reshape(-1, 1)


columns = {of.name: column(of) for of in session.get_inputs()}


def run(rows):
    answers = session.run(names, {name: values[rows] for name, values in columns.items()})
    assert all(answer.dtype == numpy.float64 and answer.shape[1:] == (1,) for answer in answers)
    return [answer[:, 0].tolist() for answer in answers]


def table(answers):
    return {name: [None if math.isnan(value) else value for value in given] for name, given in zip(names, answers)}


singles = [run(slice(row, row + 1)) for row in range(asked["singles"])]
json.dump(
    {"batch": table(run(slice(None))), "single": table([sum(given, []) for given in zip(*singles)])},
    sys.stdout,
)
