// AWSAdapters
