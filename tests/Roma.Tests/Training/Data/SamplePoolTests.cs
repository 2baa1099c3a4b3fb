using Roma.Core;
using Roma.Data.Tables;
using Roma.Models;
using Roma.Tests.Training.Runs;
using Roma.Training;
using Roma.Training.Data;
using Roma.Training.Methods;
using Roma.Training.Rollouts;
using Roma.Training.Runs;

namespace Roma.Tests.Training.Data;

[Collection(nameof(TinyRuns))]
public sealed class SamplePoolTests : IDisposable
{
    private const int Rows = 12;
    private readonly TemporaryFolder _folder = new();
    private readonly TinyRuns _runs;
    private readonly VisionLanguageModel _model;
    private readonly TrainingSettings _settings;

    public SamplePoolTests(TinyRuns runs)
    {
        (_runs, _model) = (runs, VisionLanguageModel.Load(runs.Model));
        Write(longRow: 5);
        _settings = runs.Settings(new GrpoMethod(), 2) with { Data = new TableDataset(_folder.File("rows.jsonl")), MaxPromptTokens = 60 };
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_sample_that_is_too_long_is_refused_by_name_before_the_first_step()
    {
        var fault = Assert.Throws<RomaException>(() => _runs.Run("too long", _settings));
        Assert.Contains("1 of 12 samples", fault.Message, StringComparison.Ordinal);
        Assert.Contains("'rows-5' has ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("over_long: skip", fault.Remedy, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_runs.Folder("too long")));
        int tokens = new LengthLimit(_settings, _model).Prompt(_settings.Data.Get(5).Question, [(32, 32)]).Ids.Length;
        Assert.Contains($"'rows-5' has {tokens}.", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, SamplePool.Of(_settings with { MaxPromptTokens = tokens }, _model).Skipped);
        Assert.Throws<RomaException>(() => SamplePool.Of(_settings with { MaxPromptTokens = tokens - 1 }, _model));
    }

    [Fact]
    public void Or_left_out_counted_and_never_asked()
    {
        TrainingSettings settings = _settings with { OverLong = OverLong.Skip, Steps = 11, SaveEvery = 11 };
        SamplePool pool = SamplePool.Of(settings, _model);
        Assert.Equal((12L, 11L, 1L), (pool.All, pool.Count, pool.Skipped));
        var source = new StepSource(settings, Roma.Corruptions.Catalogue.Default, pool);
        string[] asked = [.. Enumerable.Range(0, 11).SelectMany(step => source.Get(step).Questions).Select(question => question.Sample.Id)];
        Assert.All(asked.Chunk(11), epoch => Assert.Equal(Enumerable.Range(0, Rows).Where(i => i != 5).Select(i => $"rows-{i}").Order(StringComparer.Ordinal), epoch.Order(StringComparer.Ordinal)));
        using (var trainer = new Trainer(settings with { Steps = 1 }, _runs.Folder("left out")))
        {
            Assert.Contains(trainer.Plan.Rows, row => row.Value.StartsWith("1 of 12 samples", StringComparison.Ordinal));
            trainer.Run();
        }
        Assert.Contains("\"over_long\":1", _runs.Metrics("left out").Single(), StringComparison.Ordinal);
        Assert.Contains("12 of 12", Assert.Throws<RomaException>(() => SamplePool.Of(settings with { MaxPromptTokens = 5 }, _model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_size_of_a_picture_is_read_from_its_header()
    {
        byte[] png = ImageCodec.EncodePng(new RgbImage(256, 32));
        png.AsSpan(60, png.Length - 100).Fill(1); // the header stays as it is
        File.WriteAllBytes(_folder.File("wide.png"), png);
        File.AppendAllText(_folder.File("rows.jsonl"), "{\"problem\": \"q\", \"answer\": \"a\", \"images\": [\"wide.png\"]}\n");
        var data = new TableDataset(_folder.File("rows.jsonl"));
        Assert.Equal((256, 32), Assert.Single(data.Outline(Rows).Sizes));
        Assert.Throws<RomaException>(() => data.Get(Rows));
        SamplePool pool = SamplePool.Of(_settings with { Data = data, OverLong = OverLong.Skip }, _model);
        Assert.Equal((13L, 1L), (pool.All, pool.Skipped));
    }

    [Theory]
    [InlineData("<image>a <image>b", "0.png", "Sample 'rows-12': The question has 2 <image> placeholders and 1 pictures.")]
    [InlineData("<image><|image_pad|>", "0.png", "Sample 'rows-12': The prompt has 2 places for pictures (<|image_pad|>) and 1 pictures.")]
    [InlineData("q", "thin.png", "Sample 'rows-12': A picture of 900x2 pixels is too long")]
    [InlineData("", "0.png", "Sample 'rows-12': its question has no text.")]
    [InlineData("q", "empty.png", "sample rows-12 cannot be decoded")]
    public void Samples_that_cannot_be_asked_are_named(string problem, string picture, string expected)
    {
        File.WriteAllBytes(_folder.File("thin.png"), ImageCodec.EncodePng(new RgbImage(900, 2)));
        File.WriteAllBytes(_folder.File("empty.png"), []);
        string row = $"{{\"problem\": \"{problem}\", \"answer\": \"a\", \"images\": [\"{picture}\"]}}\n";
        File.AppendAllText(_folder.File("rows.jsonl"), row);
        Assert.Contains(expected, Fault().Message, StringComparison.Ordinal);
        File.AppendAllText(_folder.File("rows.jsonl"), string.Concat(Enumerable.Repeat(row, 6)));
        RomaException several = Fault();
        Assert.StartsWith("7 of 19 samples of rows cannot be asked:", several.Message, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(12, 5), i => Assert.Contains($"rows-{i}", several.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("rows-17", several.Message, StringComparison.Ordinal);
        Assert.NotNull(several.Remedy);

        RomaException Fault() => Assert.Throws<RomaException>(() => SamplePool.Of(_settings with { Data = new TableDataset(_folder.File("rows.jsonl")), OverLong = OverLong.Skip }, _model));
    }

    [Fact]
    public void A_picture_that_is_damaged_inside_shows_where_all_are_decoded()
    {
        byte[] png = File.ReadAllBytes(_folder.File("3.png"));
        png.AsSpan(png.Length / 2, 40).Fill(1);
        File.WriteAllBytes(_folder.File("3.png"), png);
        TrainingSettings settings = _settings with { Data = new TableDataset(_folder.File("rows.jsonl")), OverLong = OverLong.Skip };
        Assert.Equal(1, Trainer.Check(settings).Pool.Skipped);
        Assert.Contains("sample rows-3 cannot be decoded", Assert.Throws<RomaException>(() => Trainer.Check(settings, decode: true)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(_folder.File("3.png"), ImageCodec.EncodePng(Picture(3)));
        settings = settings with { Data = new TableDataset(_folder.File("rows.jsonl")) };
        Assert.Equal(Trainer.Check(settings).Pool.Hash, Trainer.Check(settings, decode: true).Pool.Hash);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_000)]
    public void Responses_that_leave_no_room_for_a_prompt_are_refused_as_such(int more)
    {
        int positions = _model.Config.Text.MaxPositions, tokens = positions + more;
        var fault = Assert.Throws<RomaException>(() => SamplePool.Of(_settings with { MaxTokens = tokens }, _model));
        Assert.Equal($"max_tokens of {tokens} leaves no room for a prompt: together they are more than the model's {positions} positions.", fault.Message);
        Assert.Equal("Lower max_tokens.", fault.Remedy);
    }

    [Fact]
    public void A_response_that_is_imitated_counts_too()
    {
        TrainingSettings settings = _settings with { Method = new SftMethod(), MaxPromptTokens = null };
        Assert.Equal(0, SamplePool.Of(settings, _model).Skipped);
        File.AppendAllText(_folder.File("rows.jsonl"), $"{{\"problem\": \"q\", \"answer\": \"{new string('z', 2 * _model.Config.Text.MaxPositions)}\", \"images\": [\"0.png\"]}}\n");
        settings = settings with { Data = new TableDataset(_folder.File("rows.jsonl")) };
        Assert.Contains("1 of 13", Assert.Throws<RomaException>(() => SamplePool.Of(settings, _model)).Message, StringComparison.Ordinal);
        Assert.Equal(0, SamplePool.Of(settings with { Method = new GrpoMethod() }, _model).Skipped);
    }

    [Theory]
    [InlineData(null, "bb")]
    [InlineData("story", "two of them")]
    public void Supervised_fine_tuning_imitates_the_answer_or_the_column_that_is_named(string? column, string expected)
    {
        File.WriteAllText(_folder.File("told.jsonl"), "{\"problem\": \"which?\", \"answer\": \"bb\", \"story\": \"two of them\", \"images\": [\"0.png\"]}\n");
        TrainingSettings settings = _settings with { Method = new SftMethod(), Data = new TableDataset(_folder.File("told.jsonl"), Response: column), Prompts = 1 };
        var source = new StepSource(settings, Roma.Corruptions.Catalogue.Default);
        CollectedStep step = new StepCollector(_model, settings, source).Collect(0, 0, new StageTimers());
        Assert.Equal(expected, Assert.Single(step.Rollouts.Texts));
        Assert.Equal([.. _model.Processor.Tokenizer.Encode(expected), _model.EndTokens[0]], Assert.Single(step.Rollouts.Tokens));
    }

    [Fact]
    public void A_recipes_system_turn_stands_in_every_prompt()
    {
        int[] told = new LengthLimit(_settings with { System = "Look." }, _model).Prompt("which?", [(32, 32)]).Ids, plain = new LengthLimit(_settings, _model).Prompt("which?", [(32, 32)]).Ids;
        Assert.Equal([.. _model.Processor.Tokenizer.Encode("<|im_start|>system\nLook.<|im_end|>\n"), .. plain], told);
        TrainingSettings settings = _settings with { OverLong = OverLong.Skip, System = "Look." };
        CollectedStep step = new StepCollector(_model, settings, new StepSource(settings, Roma.Corruptions.Catalogue.Default, SamplePool.Of(settings, _model))).Collect(0, 0, new StageTimers());
        Assert.All(step.Prompts.Prompts, prompt => Assert.Equal(told[..6], prompt.Ids[..6]));
    }

    [Fact]
    public void Data_made_on_demand_are_not_looked_through_and_refused_when_their_turn_comes()
    {
        var data = new LetterData(1_000_000_000);
        SamplePool pool = SamplePool.Of(_settings with { Data = data, MaxPromptTokens = 5, OverLong = OverLong.Skip }, _model);
        Assert.Equal(0, pool.Skipped);
        Assert.Contains("max_prompt_tokens is 5", Assert.Throws<RomaException>(() => _runs.Run("endless", _settings with { Data = data, MaxPromptTokens = 5 })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("picture")]
    [InlineData("answer")]
    [InlineData("order")]
    public void A_run_does_not_go_on_with_other_data(string change)
    {
        string name = "changed " + change;
        TrainingSettings settings = _settings with { OverLong = OverLong.Skip, SaveEvery = 1, Data = new TableDataset(_folder.File("rows.jsonl")) };
        _runs.Run(name, settings with { Steps = 1 });
        Assert.NotNull(CheckpointStore.ReadState(Path.Combine(_runs.Folder(name), "checkpoints", "step-000001")).Data);
        string[] lines = File.ReadAllLines(_folder.File("rows.jsonl"));
        if (change == "picture")
            File.WriteAllBytes(_folder.File("0.png"), ImageCodec.EncodePng(Picture(99)));
        else if (change == "answer")
            lines[3] = lines[3].Replace("\"a\"", "\"bb\"", StringComparison.Ordinal);
        else
            Array.Reverse(lines);
        File.WriteAllLines(_folder.File("rows.jsonl"), lines);
        var fault = Assert.Throws<RomaException>(() => _runs.Run(name, settings with { Data = new TableDataset(_folder.File("rows.jsonl")) }));
        Assert.Contains("The data changed since", fault.Message, StringComparison.Ordinal);
        settings = settings with { Data = new TableDataset(_folder.File("rows.jsonl")), Steps = 3 };
        using (var trainer = new Trainer(settings with { Steps = 2 }, _runs.Folder(name), acceptData: true))
            trainer.Run();
        Assert.Equal(3, CheckpointStore.ReadState(_runs.Run(name, settings).Latest!).Step); // from then on it is the run's data
    }

    [Fact]
    public void A_run_goes_on_for_more_steps_and_ends_like_one_that_was_that_long()
    {
        TrainingSettings settings = _settings with { OverLong = OverLong.Skip };
        _runs.Run("longer whole", settings with { Steps = 4 });
        _runs.Run("longer parts", settings with { Steps = 2 });
        _runs.Run("longer parts", settings with { Steps = 4 });
        Assert.Equal(_runs.Result("longer whole"), _runs.Result("longer parts"));
        string checkpoint = Path.Combine(_runs.Folder("longer parts"), "checkpoints", "step-000004", "training_state.json"), state = File.ReadAllText(checkpoint);
        Assert.Contains("optimizer.lr was 0.001 and is 0.002", Assert.Throws<RomaException>(() => _runs.Run("longer parts", settings with { Steps = 4, Optimizer = new(Lr: 2e-3) })).Message, StringComparison.Ordinal);
        string hash = CheckpointStore.ReadState(Path.GetDirectoryName(checkpoint)!).Configuration!;
        File.WriteAllText(checkpoint, state.Replace(hash, new string('0', 64), StringComparison.Ordinal));
        Assert.Contains("another configuration", Assert.Throws<RomaException>(() => _runs.Run("longer parts", settings with { Steps = 4 })).Message, StringComparison.Ordinal);
    }

    private void Write(int longRow)
    {
        for (int i = 0; i < Rows; i++)
            File.WriteAllBytes(_folder.File($"{i}.png"), ImageCodec.EncodePng(Picture(i)));
        File.WriteAllLines(_folder.File("rows.jsonl"), Enumerable.Range(0, Rows).Select(i =>
            $"{{\"problem\": \"<image>{(i == longRow ? string.Concat(Enumerable.Repeat("which one? ", 20)) : "which?")}\", \"answer\": \"{(i % 2 == 0 ? "bb" : "a")}\", \"images\": [\"{i}.png\"]}}"));
    }

    private static RgbImage Picture(int seed)
    {
        var image = new RgbImage(32, 32);
        CounterRandom random = CounterRandom.Of("pool", seed);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)random.NextUInt32();
        return image;
    }
}
