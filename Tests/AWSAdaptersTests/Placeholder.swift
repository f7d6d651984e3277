// AWSAdaptersTests
