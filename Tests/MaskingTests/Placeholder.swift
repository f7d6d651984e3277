// MaskingTests
