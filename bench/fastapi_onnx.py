"""The forest in onnxruntime behind FastAPI and uvicorn: fastapi_onnx.py VERSION_FOLDER FOREST.onnx PORT. JSON, checked by pydantic."""
import sys

try:
    import uvicorn
    from fastapi import FastAPI
    from onnx_forest import OnnxForest
    from pydantic import BaseModel, Field
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

forest = OnnxForest(*sys.argv[1:3])
features = forest.manifest["features"]
names = [feature["name"] for feature in features]
Household = type(
    "Household",
    (BaseModel,),
    {
        "__annotations__": {name: float for name in names},
        **{feature["name"]: Field(ge=feature["min"], le=feature["max"]) for feature in features},
    },
)


class Request(BaseModel):
    inputs: list[Household]


class Response(BaseModel):
    predictions: list[float]


app = FastAPI()


# Not handed to a thread: that would cost more than predicting.
@app.post("/predict")
async def predict(request: Request) -> Response:
    return Response(predictions=forest.predict([[getattr(row, name) for name in names] for row in request.inputs]))


# "auto" takes uvloop and httptools where they are installed.
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[3]), log_level="error", access_log=False)
