using Parquet.Schema;
using Roma.Core;
using Roma.Data;
using Roma.Data.Tables;
using Roma.Tests.Corruptions;

namespace Roma.Tests.Data.Tables;

public sealed class TableDatasetTests : IDisposable
{
    private static readonly byte[][] Pictures = [.. Enumerable.Range(3, 6).Select(side => ImageCodec.EncodePng(TestImages.Textured(side, side + 1)))];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ParquetAsGeometry3KIsPublished()
    {
        string file = ParquetTable("test-0.parquet");
        IDataset data = new TableDataset(file, Template: "{question} Answer in \\boxed{{}}.");
        Assert.Equal(("test-0", 5L), (data.Name, data.Count));
        Sample first = data.Get(0), two = data.Get(1), none = data.Get(2);
        Assert.Equal(("test-0-0", "<image>Find x. Answer in \\boxed{}.", "12", ""), (first.Id, first.Question, first.Answer, first.Category));
        Assert.Equal(ImageCodec.Decode(Pictures[0], "p").Pixels, first.Images.Single().Pixels);
        Assert.Equal([4, 5], two.Images.Select(image => image.Width));
        Assert.Empty(none.Images);
        Assert.Equal("12", data.Response(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Get(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Get(-1));
        Parallel.For(0, 100, i => Assert.Equal(i % 5 == 1 ? 2 : i % 5 == 2 ? 0 : 1, data.Get(i % 5).Images.Count));
    }

    [Fact]
    public void SeveralFilesAreOneTable()
    {
        ParquetTable("train-00000-of-00002.parquet");
        ParquetTable("train-00001-of-00002.parquet");
        IDataset data = new TableDataset(_folder.File("train-*.parquet"), Category: "kind", First: 7);
        Assert.Equal(("train", 7L), (data.Name, data.Count));
        Assert.Equal(("train-6", "b"), (data.Get(6).Id, data.Get(6).Category));
    }

    [Fact]
    public void TsvAsVlmEvalKitReadsIt()
    {
        string A = Convert.ToBase64String(Pictures[0]), B = Convert.ToBase64String(Pictures[1]);
        File.WriteAllText(_folder.File("Bench.tsv"), $"index\timage\tquestion\tA\tB\tC\tanswer\n7\t{A}\t\"Which\n\"\"label\"\"\"\tred\tblue\t\tA\n8\t7\tAgain?\tred\tblue\tgreen\tB\n9\t['{A}', '{B}']\t\"Is <image 2> <image 1>, or <image 2>?\"\t\t\t\tno");
        IDataset data = new TableDataset(_folder.File("Bench.tsv"), Id: "index", Template: "{question}\nA. {A}\nB. {B}\nC. {C}");
        Assert.Equal(3, data.Count);
        Assert.Equal(("7", "Which\n\"label\"\nA. red\nB. blue", "A"), (data.Get(0).Id, data.Get(0).Question, data.Get(0).Answer));
        Assert.Equal(data.Get(0).Images.Single().Pixels, data.Get(1).Images.Single().Pixels);
        Assert.Equal("Again?\nA. red\nB. blue\nC. green", data.Get(1).Question);
        Assert.Equal("Is <image> <image>, or image 2?", data.Get(2).Question);
        Assert.Equal([4, 3], data.Get(2).Images.Select(image => image.Width)); // in the order in which they are mentioned
    }

    [Fact]
    public void JsonLinesWithPathsAndBase64()
    {
        AtomicFile.WriteBytes(_folder.File("pictures/a.png"), Pictures[0]);
        File.WriteAllLines(_folder.File("own.jsonl"),
        [
            """{"image": "pictures/a.png", "question": "What?", "answer": 12, "reason": "because 12"}""",
            $$"""{"image": ["data:image/png;base64,{{Convert.ToBase64String(Pictures[1])}}", "pictures/a.png"], "question": "And?", "answer": ["x", "y"], "reason": "z"}""",
            "",
            """{"image": null, "question": "Blind?", "answer": true}""",
        ]);
        IDataset data = new TableDataset(_folder.File("own.jsonl"), Response: "reason");
        Assert.Equal([(1, "12", "because 12"), (2, "x, y", "z")], Enumerable.Range(0, 2).Select(i => (data.Get(i).Images.Count, data.Get(i).Answer, data.Response(i))));
        Assert.Equal("True", data.Get(2).Answer);
        Assert.Contains("Sample own-2 of", Assert.Throws<RomaException>(() => data.Response(2)).Message);
    }

    [Fact]
    public void WrongColumnsAreToldTogetherWithThoseThatAreThere()
    {
        string file = ParquetTable("t.parquet");
        RomaException fault = Assert.Throws<RomaException>(() => new TableDataset(file, ["picture"], "problm", Template: "{problem} {hint}", Id: "uid"));
        foreach (string part in new[] { "images names no column 'picture'", "question names no column 'problm' (did you mean 'problem'?)", "template names no column 'hint'", "id names no column 'uid'" })
            Assert.Contains(part, fault.Message);
        Assert.Contains("id, images, problem, answer, kind", fault.Remedy);
        File.WriteAllText(_folder.File("t.jsonl"), """{"text": "a"}""");
        Assert.Contains("answer is not set and there is none of answer, ground_truth, solution", Assert.Throws<RomaException>(() => new TableDataset(_folder.File("t.jsonl"), Question: "text")).Message);
        Assert.Contains("single brace", Assert.Throws<RomaException>(() => new TableDataset(file, Template: "\\boxed{}")).Message);
        Assert.Contains("of another row", Assert.Throws<RomaException>(() => new TableDataset(file, Id: "kind").Count).Message);
        Assert.Contains("There is no table", Assert.Throws<RomaException>(() => new TableDataset(_folder.File("absent.parquet")).Count).Message);
        File.WriteAllText(_folder.File("t.csv"), "a,b");
        Assert.Contains(".parquet, .jsonl", Assert.Throws<RomaException>(() => new TableDataset(_folder.File("t.csv"))).Message);
    }

    [Theory]
    [InlineData(""" "answer": null """)]
    [InlineData(""" "answer": "  " """)]
    [InlineData(""" "answer": [] """)]
    [InlineData(""" "other": 1 """)]
    public void ARowWithoutAnAnswerIsRefusedByItsNumber(string answer)
    {
        File.WriteAllLines(_folder.File("t.jsonl"), ["""{"question": "a", "answer": "b"}""", $$"""{"question": "a", {{answer}}}"""]);
        Assert.Contains("t.jsonl, row 1, has no answer (answer)", Assert.Throws<RomaException>(() => new TableDataset(_folder.File("t.jsonl")).Count).Message);
        Assert.Equal(1, new TableDataset(_folder.File("t.jsonl"), First: 1).Count);
    }

    [Fact]
    public void AFileWithoutRowsIsToldAsSuch()
    {
        File.WriteAllText(_folder.File("empty.jsonl"), "\n");
        Assert.EndsWith("empty.jsonl holds no row.", Assert.Throws<RomaException>(() => new TableDataset(_folder.File("empty.jsonl"))).Message);
    }

    [Fact]
    public void AMissingFileIsToldWithTheWholePathThatWasTried()
    {
        RomaException fault = Assert.Throws<RomaException>(() => new TableDataset("no/train.jsonl").Count);
        Assert.Contains(Path.Combine(Environment.CurrentDirectory, "no", "train.jsonl"), fault.Message);
        Assert.Contains("working folder", fault.Remedy);
        Assert.Contains(Path.Combine(Environment.CurrentDirectory, "no"), Assert.Throws<RomaException>(() => new FolderDataset("no", "What?").Count).Message);
    }

    [Fact]
    public void DamageIsToldWithTheFile()
    {
        byte[] whole = File.ReadAllBytes(ParquetTable("whole.parquet"));
        var random = CounterRandom.Of("damaged table");
        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = [.. whole];
            if (i % 3 == 0)
                Array.Resize(ref damaged, random.Integer(0, whole.Length));
            for (int k = 0; k < 5; k++)
                if (damaged.Length > 0)
                    damaged[random.Integer(i % 2 == 0 ? damaged.Length / 2 : 0, damaged.Length)] = (byte)random.Integer(0, 256);
            File.WriteAllBytes(_folder.File("damaged.parquet"), damaged);
            try
            {
                IDataset data = new TableDataset(_folder.File("damaged.parquet"));
                for (long k = 0; k < data.Count; k++)
                    data.Get(k);
            }
            catch (RomaException e)
            {
                Assert.Contains("damaged", e.Message);
            }
        }
        File.WriteAllText(_folder.File("bad.jsonl"), "{\"question\": \"a\", \"answer\": 1}\n{\"question\": ");
        Assert.Contains("bad.jsonl:2", Assert.Throws<RomaException>(() => new TableDataset(_folder.File("bad.jsonl")).Count).Message);
        File.WriteAllText(_folder.File("bad.tsv"), "question\tanswer\na\tb\tc\n");
        Assert.Contains("row 0 has 3 cells, not 2", Assert.Throws<RomaException>(() => new TableDataset(_folder.File("bad.tsv")).Count).Message);
        File.WriteAllText(_folder.File("bad.tsv"), "question\tanswer\n\"a\tb\n");
        Assert.Contains("ends within quotes", Assert.Throws<RomaException>(() => new TableDataset(_folder.File("bad.tsv")).Count).Message);
        File.WriteAllText(_folder.File("lost.jsonl"), """{"image": "lost.png", "question": "a", "answer": "b"}""");
        Assert.Contains("row 0, image, holds neither", Assert.Throws<RomaException>(() => new TableDataset(_folder.File("lost.jsonl")).Count).Message);
    }

    [Fact]
    public void ColumnsThatComeLateInJsonLinesCount()
    {
        AtomicFile.WriteBytes(_folder.File("a.png"), Pictures[0]);
        File.WriteAllLines(_folder.File("late.jsonl"), Enumerable.Range(0, 170).Select(i => $$"""{"problem": "q", "answer": "a"{{(i < 150 ? "" : ", \"images\": [\"a.png\"]")}}}"""));
        Assert.Equal(20, Pictured(new TableDataset(_folder.File("late.jsonl"))));
        Assert.Equal(20, Pictured(new TableDataset(_folder.File("late.jsonl"), ["images"])));
        Assert.Equal(0, Pictured(new TableDataset(_folder.File("late.jsonl"), First: 150)));

        static int Pictured(IDataset data) => Enumerable.Range(0, (int)data.Count!).Count(i => data.Get(i).Images.Count == 1);
    }

    [Theory]
    [InlineData("""{"problem": "q", "answer": "a", "images": [{"url": "a.png"}]}""", "row 1, images, holds a mapping of url, not of bytes or path")]
    [InlineData("""{"problem": "q", "answer": "a", "images": {}}""", "row 1, images, holds a mapping of nothing")]
    [InlineData("""{"problem": "q", "answer": "a", "image": "a.png"}""", "row 1, has nothing in images, which is read, but something in image,")]
    [InlineData("""{"question": "q", "answer": "a", "images": ["a.png"]}""", "row 1, has nothing in problem, which is read, but something in question,")]
    [InlineData("""{"problem": "q", "solution": "a", "images": ["a.png"]}""", "row 1, has nothing in answer, which is read, but something in solution,")]
    [InlineData("""{"problem": "<image>q", "answer": "a", "images": []}""", "row 1, has a place for a picture in its text and no picture")]
    [InlineData("""{"problem": "<image 1>q", "answer": "a"}""", "row 1, has a place for a picture in its text and no picture")]
    [InlineData("""{"problem": "", "answer": "a"}""", "row 1, has neither a question (problem) nor a picture")]
    [InlineData("""{"problem": null, "answer": "a", "images": []}""", "row 1, has neither a question (problem) nor a picture")]
    [InlineData("""{"answer": "a"}""", "row 1, has neither a question (problem) nor a picture")]
    [InlineData("""{"problem": [{"role": "user", "content": "hi"}], "answer": "a", "images": ["a.png"]}""", "row 1, problem, holds mappings")]
    [InlineData("""{"problem": "q", "answer": {"role": "assistant", "content": "hi"}}""", "row 1, answer, holds mappings")]
    [InlineData("""{"problem": "\ud800 x", "answer": "a"}""", "t.jsonl:2 holds no Unicode text")]
    [InlineData("""{"problem": "q", "answer": "a", "\ud800": 1}""", "t.jsonl:2 holds no Unicode text")]
    public void RowsThatWouldLoseSomethingAreRefusedByTheirNumber(string row, string expected)
    {
        AtomicFile.WriteBytes(_folder.File("a.png"), Pictures[0]);
        File.WriteAllLines(_folder.File("t.jsonl"), ["""{"problem": "q", "answer": "a", "images": ["a.png"]}""", row]);
        Assert.Contains(expected, Assert.Throws<RomaException>(() => new TableDataset(_folder.File("t.jsonl"), Template: "{question} Think.").Count).Message);
    }

    [Fact]
    public void PicturesAloneAreAQuestion()
    {
        AtomicFile.WriteBytes(_folder.File("a.png"), Pictures[0]);
        File.WriteAllText(_folder.File("t.jsonl"), """{"problem": "", "answer": "a", "images": ["a.png"]}""");
        Assert.Equal("", new TableDataset(_folder.File("t.jsonl")).Get(0).Question);
    }

    [Fact]
    public void FilesOfAPatternHaveTheSameColumns()
    {
        AtomicFile.WriteBytes(_folder.File("a.png"), Pictures[0]);
        File.WriteAllText(_folder.File("part-0.jsonl"), """{"problem": "q", "answer": "a", "images": ["a.png"]}""");
        File.WriteAllText(_folder.File("part-1.jsonl"), """{"question": "q", "answer": "a", "image": "a.png"}""");
        File.WriteAllText(_folder.File("part-0.tsv"), "index\tquestion\tanswer\n0\tq\ta\n");
        File.WriteAllText(_folder.File("part-1.tsv"), "index\tquery\tanswer\n0\tq\ta\n");
        Write("part-0.parquet", "problem");
        Write("part-1.parquet", "question");
        foreach ((string ending, string first, string second) in new[] { ("jsonl", "problem, answer, images", "question, answer, image"), ("tsv", "question, answer", "query, answer"), ("parquet", "problem, answer", "question, answer") })
            Assert.EndsWith($"part-1.{ending} has {second}, where {_folder.File($"part-0.{ending}")} has {first}.", Assert.Throws<RomaException>(() => new TableDataset(_folder.File($"part-*.{ending}"))).Message);
        Assert.Contains("part-1.tsv: question names no column 'question'", Assert.Throws<RomaException>(() => new TableDataset(_folder.File("part-*.tsv"), Question: "question")).Message);
        File.WriteAllText(_folder.File("part-1.tsv"), "answer\tquestion\tmore\nb\tr\t1\n"); // in any order, and with others that nobody asks for
        Assert.Equal(("r", "b"), new TableDataset(_folder.File("part-*.tsv")).Get(1) is var last ? (last.Question, last.Answer) : default);

        void Write(string name, string question) => ParquetFiles.Write(_folder.File(name), 1, (new DataField<string>(question), ["q"]), (new DataField<string>("answer"), ["a"]));
    }

    [Fact]
    public void AFolderForTemporaryFilesThatIsNotThereIsToldWithItsRemedy()
    {
        var fault = Assert.Throws<RomaException>(() => new PictureStore(_folder.File("absent")));
        Assert.Contains($"A temporary file for the pictures in {_folder.File("absent")} could not be written", fault.Message);
        Assert.Contains(OperatingSystem.IsWindows() ? "Set TMP " : "Set TMPDIR ", fault.Remedy);
    }

    [Fact]
    public void FoldersAnswerWithTheirNames()
    {
        AtomicFile.WriteBytes(_folder.File("zoo/cat/1.png"), Pictures[0]);
        AtomicFile.WriteBytes(_folder.File("zoo/dog/big/2.png"), Pictures[1]);
        IDataset data = new FolderDataset(_folder.File("zoo"), "Which of {classes}?");
        Assert.Equal(("zoo", 2L), (data.Name, data.Count));
        Assert.Equal(("dog/big/2.png", "Which of cat, dog/big?", "dog/big"), (data.Get(1).Id, data.Get(1).Question, data.Get(1).Answer));
        File.WriteAllBytes(_folder.File("zoo/3.png"), Pictures[2]);
        Assert.Contains("3.png lies in no subfolder", Assert.Throws<RomaException>(() => new FolderDataset(_folder.File("zoo"), "?").Count).Message);
    }

    [Fact]
    public void YamlNamesThem()
    {
        string file = ParquetTable("t.parquet");
        var settings = StrictYaml.Parse<Holder>($"data: {{ name: table, file: '{file}', images: [images], first: 3 }}", "recipe.yaml");
        Assert.Equal(3, settings.Data.Count);
        Assert.Contains("\"first\":3", StrictYaml.ToJson(settings));
    }

    public sealed record Holder(IDataset Data);

    /// <summary>Five rows in two groups: one picture, two, none (null), one, one.</summary>
    private string ParquetTable(string name) => ParquetFiles.Write(_folder.File(name), 3,
        (new DataField<long?>("id"), [1L, 2L, 3L, 4L, 5L]),
        (ParquetFiles.Images("images"), [new[] { Pictures[0] }, new[] { Pictures[1], Pictures[2] }, null, new[] { Pictures[3] }, new[] { Pictures[4] }]),
        (new DataField<string>("problem"), ["<image>Find x.", "<image><image>Both?", "None?", "<image>a", "<image>b"]),
        (new DataField<string>("answer"), ["12", "b", "c", "d", "e"]),
        (new DataField<string>("kind"), ["a", "b", "a", "b", "a"]));
}
