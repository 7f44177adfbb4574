"""A model's forest in onnxruntime with what belongs around it: columns before, unit and clamp after. One row costs the least this way."""
import numpy
import onnxruntime

from savings_model import encoded, quantities, read_manifest


class OnnxForest:
    def __init__(self, version_folder, onnx_file):
        self.manifest = read_manifest(version_folder)
        self.columns = [feature["column"] for feature in self.manifest["features"]]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(onnx_file, options, providers=["CPUExecutionProvider"])

    def predict(self, rows):
        """Amounts of rows, each a list in the order of the features. Plain numbers: for a row or few, arrays cost more."""
        target = self.manifest["target"]
        found = [quantities(self.manifest, dict(zip(self.columns, row)).__getitem__) for row in rows]
        outputs = self.session.run(["Y"], {"X": numpy.array([encoded(self.manifest, row) for row in found])})[0]
        multiply, least, most = target["transform"]["multiplyBy"], target["clamp"]["min"], target["clamp"]["max"]
        return [max(least, min(output * row[multiply], row[most])) for row, output in zip(found, outputs[:, 0].tolist())]
