// PipelineWorker
