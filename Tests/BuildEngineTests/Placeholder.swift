// BuildEngineTests
