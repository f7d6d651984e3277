// PipelineWorkerTests
