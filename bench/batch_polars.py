"""CSV in, CSV with predictions out, by polars and onnxruntime: batch_polars.py VERSION_FOLDER FOREST.onnx IN.csv OUT.csv THREADS"""
import os
import sys

folder, forest, source, sink, threads = sys.argv[1:6]
os.environ["POLARS_MAX_THREADS"] = threads
try:
    import onnxruntime
    import polars
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)
from savings_model import NAMES, encoded, quantities, read_manifest, rounded

manifest = read_manifest(folder)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(threads)
session = onnxruntime.InferenceSession(forest, options, providers=["CPUExecutionProvider"])

rows = polars.read_csv(source)
columns = quantities(manifest, polars.col)
number = polars.Float64 if session.get_inputs()[0].type == "tensor(double)" else polars.Float32
x = rows.select(
    column.cast(number).alias(f"{i}") for i, column in enumerate(encoded(manifest, columns))
).to_numpy(order="c")
outputs = session.run(["Y"], {"X": x})[0]
around = rows.select(columns[name].alias(name) for name in {"income", manifest["target"]["transform"]["multiplyBy"], manifest["target"]["clamp"]["max"]})
answers = rounded(manifest, around, outputs)
rows.with_columns(polars.Series(name, answers[:, i]) for i, name in enumerate(NAMES)).write_csv(sink)
