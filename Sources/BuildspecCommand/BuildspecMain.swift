import Commands

/// The executable: everything else is in `Commands`, where tests can reach it.
@main
enum BuildspecMain {
    static func main() async {
        await BuildspecTool.run()
    }
}
