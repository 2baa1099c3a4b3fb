using Roma.Core;

namespace Roma.Tests.Core;

public sealed class FilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_atomic_write_replaces_and_leaves_nothing_behind()
    {
        string path = _folder.File("a/b.txt");
        AtomicFile.WriteText(path, "one");
        AtomicFile.WriteText(path, "zwei\u00df");
        Assert.Equal("zwei\u00df"u8.ToArray(), File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_failed_write_keeps_the_old_file_and_removes_the_temporary_one()
    {
        string path = _folder.File("b.txt");
        AtomicFile.WriteText(path, "old");
        var full = Assert.Throws<RomaException>(() => AtomicFile.Write(path, stream => { stream.WriteByte(1); throw new IOException("No space left on device", 28); }));
        Assert.Contains("the disk is full", full.Message, StringComparison.Ordinal);
        Assert.Contains("Free some space", full.Remedy, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, _ => throw new InvalidOperationException()));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_a_user_fault()
    {
        AtomicFile.WriteText(_folder.File("file"), "x");
        Assert.NotNull(Assert.Throws<RomaException>(() => AtomicFile.WriteText(_folder.File("file/below.txt"), "x")).Remedy);
    }

    [SkippableFact]
    public void A_really_full_disk_is_told_as_such()
    {
        Skip.IfNot(File.Exists("/dev/full"), "no /dev/full on this system");
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0);
        var fault = Assert.Throws<RomaException>(() => AtomicFile.Write(_folder.File("c.txt"), _ => full.WriteByte(1)));
        Assert.Contains("the disk is full", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"a\":1}\n{\"a\":2}\n", 2)]
    [InlineData("{\"a\":1}\n{\"a\":", 1)]
    [InlineData("{\"a\":1}\n\0\0\0", 1)]
    [InlineData("{\"a\"", 0)]
    [InlineData("", 0)]
    public void A_log_cuts_its_torn_end_and_goes_on(string content, int whole)
    {
        string path = _folder.File("log.jsonl");
        File.WriteAllText(path, content);
        Assert.Equal(whole, AppendLog.Read(path).Count());
        using (var log = new AppendLog(path))
        {
            log.Append("{\"b\":\"\u00e4\"}");
            Assert.Equal(whole + 1, AppendLog.Read(path).Count()); // readable while it grows
        }
        Assert.Equal("{\"b\":\"\u00e4\"}", AppendLog.Read(path).Last());
        Assert.Equal(whole + 1, File.ReadAllText(path).Count(c => c == '\n'));
    }

    [Fact]
    public void A_log_survives_long_torn_lines_and_refuses_other_files()
    {
        string path = _folder.File("log.jsonl");
        File.WriteAllText(path, "{}\n{" + new string('x', 10_000));
        new AppendLog(path).Dispose();
        Assert.Equal("{}\n", File.ReadAllText(path));
        File.WriteAllText(path, "notes of mine");
        Assert.Contains("no log of JSON lines", Assert.Throws<RomaException>(() => new AppendLog(path)).Message, StringComparison.Ordinal);
        Assert.Equal("notes of mine", File.ReadAllText(path));
    }

    [Fact]
    public void A_log_takes_lines_from_many_threads()
    {
        string path = _folder.File("log.jsonl");
        using (var log = new AppendLog(path))
            Parallel.For(0, 200, i => log.Append($"{{\"i\":{i}}}"));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{{\"i\":{i}}}").Order(), AppendLog.Read(path).Order());
    }

    [Fact]
    public void A_run_is_written_once_locked_and_resumed_with_the_same_configuration()
    {
        string path = _folder.File("runs/x");
        using (var run = new RunDirectory(path, new Circle(1), seed: 7))
        {
            Assert.False(Directory.Exists(path));
            run.Begin();
            Assert.Contains("open in another process", Assert.Throws<RomaException>(() => new RunDirectory(path, new Circle(1), 7)).Message, StringComparison.Ordinal);
            Assert.Equal(new Circle(1), StrictYaml.Load<Circle>(run.PathOf("config.json")));
            Assert.Contains("\"seed\":7", File.ReadAllText(run.PathOf("run.json")), StringComparison.Ordinal);
        }
        Assert.Contains("stands in", Assert.Throws<RomaException>(() => new RunDirectory(path, new Circle(1), 7)).Message, StringComparison.Ordinal);
        Assert.Contains("radius was 1 and is 2", Assert.Throws<RomaException>(() => new RunDirectory(path, new Circle(2), 7, resume: true)).Message, StringComparison.Ordinal);
        using (var resumed = new RunDirectory(path, new Circle(1), 7, resume: true))
            Assert.Equal((true, false), (resumed.IsResumed, resumed.IsChanged));
        File.WriteAllText(Path.Combine(path, "config.json"), "{\"radius\": ");
        Assert.Contains("is damaged", Assert.Throws<RomaException>(() => new RunDirectory(path, new Circle(1), 7, resume: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_goes_on_with_other_values_of_keys_that_may_change_and_with_keys_that_are_new()
    {
        string path = _folder.File("runs/y");
        string hash;
        using (var run = new RunDirectory(path, new Optimizer(1, [1, 2], 3), seed: 7, free: ["betas"]))
        {
            run.Begin();
            hash = run.ConfigurationHash;
        }
        string file = Path.Combine(path, "config.json"), before = File.ReadAllText(file);
        using (var run = new RunDirectory(path, new Optimizer(1, [4, 5], 3), 7, resume: true, free: ["betas"]))
        {
            Assert.Equal(before, File.ReadAllText(file));
            run.Begin();
            Assert.Equal((true, true), (run.IsChanged, run.IsOf(hash)));
        }
        Assert.Equal(before, File.ReadAllText(Assert.Single(Directory.GetFiles(path, "config-*.json"))));
        Assert.Equal([4, 5], StrictYaml.Load<Optimizer>(file).Betas);
        string fault = Assert.Throws<RomaException>(() => new RunDirectory(path, new Optimizer(2, [4, 6]), 7, resume: true, free: ["betas"])).Message;
        Assert.Contains("learning_rate was 1 and is 2; weight_decay was 3 and is null", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("betas was", fault, StringComparison.Ordinal);
        File.WriteAllText(file, "{\"learning_rate\": 1, \"betas\": [4, 5]}");
        string old = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("learning_rate: 1"u8)); // of a version that did not know the others
        using (var run = new RunDirectory(path, new Optimizer(1, [6, 7]), 7, resume: true, free: ["betas"]))
        {
            run.Begin();
            Assert.Equal((true, false), (run.IsOf(old), run.IsOf(hash)));
            hash = run.ConfigurationHash;
        }
        using (var run = new RunDirectory(path, new Optimizer(1, [6, 7]), 7, resume: true, free: ["betas"]))
            Assert.Equal((false, true, false), (run.IsChanged, run.IsOf(hash), run.IsOf(old)));
    }

    [Theory]
    [InlineData("gausian_noise", "gaussian_noise")]
    [InlineData("Fog", "fog")]
    [InlineData("nosie", "noise")]
    [InlineData("elephant", null)]
    [InlineData("", null)]
    public void The_nearest_word_is_suggested(string word, string? expected) => Assert.Equal(expected, DidYouMean.Suggest(word, ["fog", "gaussian_noise", "noise"]));
}
