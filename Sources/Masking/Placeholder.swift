// Masking
