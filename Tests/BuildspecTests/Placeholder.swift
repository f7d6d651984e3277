// BuildspecTests
