package import SystemPackage

extension PythonEnvironment {
    /// Copies the AWS CLI without its manual, about 35 MB, to where a build can see it.
    ///
    /// Put the copy on `PYTHONPATH` and run `python3 -m awscli`.
    package func copyCLI(to directory: FilePath) async throws {
        let script = """
            import importlib.util, os, shutil, sys
            packages = "awscli botocore s3transfer jmespath dateutil urllib3 yaml rsa pyasn1 docutils colorama six"
            manual = ("examples", "topics", "__pycache__", "examples-1.json", "paginators-1.json")
            def unneeded(directory, names):
                return {name for name in names if name.removesuffix(".gz") in manual}
            for name in packages.split():
                found = importlib.util.find_spec(name)
                if found and found.submodule_search_locations:
                    shutil.copytree(found.submodule_search_locations[0], os.path.join(sys.argv[1], name),
                                    ignore=unneeded)
                elif found:
                    os.makedirs(sys.argv[1], exist_ok=True)
                    shutil.copy(found.origin, sys.argv[1])
            """
        _ = try await run(script, arguments: [directory.string])
    }
}
