// DocumentationTests
