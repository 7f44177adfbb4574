"""The forest in onnxruntime behind MLServer, by the V2 protocol: mlserver_onnx.py VERSION_FOLDER FOREST.onnx PORT GRPC_PORT METRICS_PORT"""
import asyncio
import sys

try:
    import numpy
    from mlserver import MLModel, MLServer, ModelSettings, Settings
    from mlserver.codecs import NumpyCodec
    from mlserver.types import InferenceResponse
    from onnx_forest import OnnxForest
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)


class Runtime(MLModel):
    async def load(self):
        self.forest = OnnxForest(*sys.argv[1:3])
        self.target = self.forest.manifest["target"]["name"]
        return True

    async def predict(self, payload):
        rows = NumpyCodec.decode_input(payload.inputs[0]).tolist()
        output = NumpyCodec.encode_output(self.target, numpy.array(self.forest.predict(rows)))
        return InferenceResponse(model_name=self.name, outputs=[output])


async def serve():
    # In one process: a pool of its own costs each request a way there and back.
    http, grpc, metrics = map(int, sys.argv[3:6])
    server = MLServer(
        Settings(
            host="127.0.0.1", http_port=http, grpc_port=grpc, metrics_port=metrics, parallel_workers=0, debug=False
        )
    )
    await server.start([ModelSettings(name="forest", implementation=Runtime)])


asyncio.run(serve())
