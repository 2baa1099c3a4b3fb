using Roma.Core;
using Roma.Corruptions;
using Roma.Evaluation.Answers;
using Roma.Evaluation.Endpoints;
using Roma.Evaluation.Suites;
using Roma.Models;
using Roma.Tests.Models;

namespace Roma.Tests.Evaluation;

public class SystemPromptTests(NanoFixture nano) : IClassFixture<NanoFixture>
{
    [Fact]
    public void A_system_turn_stands_before_the_users()
    {
        VisionLanguageModel model = nano.Model;
        string plain = Text(null), told = Text("Say a digit.");
        Assert.StartsWith("<|im_start|>user\n", plain, StringComparison.Ordinal);
        Assert.Equal("<|im_start|>system\nSay a digit.<|im_end|>\n" + plain, told);
        Assert.Equal([.. model.Processor.Tokenizer.Encode("<|im_start|>system\nSay a digit.<|im_end|>\n"), .. model.Prompt("which?", [], null).Ids], model.Prompt("which?", [], "Say a digit.").Ids);

        string Text(string? system) => model.Processor.Tokenizer.Decode(model.Prompt("which?", [], system).Ids);
    }

    [Fact]
    public void A_benchmark_passes_its_system_turn_on_and_a_model_reads_it()
    {
        EvaluationSuite suite = new("counting", 1, new CountingData(), new ExactAnswer(), System: "Say a digit."), plain = new("counting", 1, new CountingData(), new ExactAnswer());
        Prompt told = Ask(suite), untold = Ask(plain);
        Assert.Equal(("Say a digit.", null), (told.System, untold.System));
        using var endpoint = new LocalEndpoint(nano.Model, "nano", maxTokens: 8);
        IReadOnlyList<Reply> replies = endpoint.Answer([told with { Images = [] }, untold with { Images = [] }], CancellationToken.None);
        Assert.NotEqual(replies[0].Text, replies[1].Text);

        static Prompt Ask(EvaluationSuite of) => new SuiteRunner(of, CorruptionMatrix.Of(of, Catalogue.Default)).Prompt(of.Data.Get(3), Cell.Clean);
    }

    [Fact]
    public void A_benchmark_leaves_out_corruptions_that_may_change_answers()
    {
        EvaluationSuite suite = new("counting", 1, new CountingData(), new ExactAnswer(), Suites: ["all"]), fair = new("counting", 1, new CountingData(), new ExactAnswer(), Suites: ["all"], ExcludeChanges: [AnswerAspect.Colour]);
        string[] all = [.. CorruptionMatrix.Of(suite, Catalogue.Default).Groups["all"]], kept = [.. CorruptionMatrix.Of(fair, Catalogue.Default).Groups["all"]];
        Assert.Equal(all.Where(name => !Catalogue.Default[name].Changes.Contains(AnswerAspect.Colour)), kept);
        Assert.True(kept.Length < all.Length);
        EvaluationSuite parsed = StrictYaml.Parse<EvaluationSuite>("{name: x, version: 1, data: {name: digit_grid, count: 3}, answer: exact, system: Be brief., exclude_changes: [colour]}", "x");
        Assert.Equal(("Be brief.", AnswerAspect.Colour), (parsed.System, Assert.Single(parsed.ExcludeChanges!)));
    }
}
