using Roma.Core;
using Roma.Corruptions;
using Roma.Evaluation.Answers;
using Roma.Tests.Training.Runs;
using Roma.Training;
using Roma.Training.Data;
using Roma.Training.Methods;

namespace Roma.Tests.Training.Data;

public class StepSourceTests
{
    private static readonly TrainingSettings Settings = new(
        "", new LetterData(12), new RomaMethod(Views: 2), 100, new ExactAnswer(), Prompts: 4, Seed: 7, Views: new(Severities: [2, 3], Share: 0.5, Scale: PixelScale.Reference));

    [Fact]
    public void A_step_is_a_function_of_seed_and_step_alone()
    {
        StepSource inOrder = Source(Settings);
        string[] steps = [.. Enumerable.Range(0, 5).Select(step => Describe(inOrder.Get(step)))];
        Assert.Equal(steps.Length, steps.Distinct().Count());
        StepSource backwards = Source(Settings);
        for (int step = 4; step >= 0; step--)
            Assert.Equal(steps[step], Describe(backwards.Get(step)));
        Assert.NotEqual(steps[2], Describe(Source(Settings with { Seed = 8 }).Get(2)));
        Assert.NotEqual(Describe(Source(Settings with { Data = new LetterData() }).Get(2)), Describe(Source(Settings with { Data = new LetterData(), Seed = 8 }).Get(2)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(12)]
    [InlineData(30)]
    public void An_epoch_of_finite_data_asks_every_question_once_in_an_order_of_its_own(int count)
    {
        var data = new LetterData(count);
        StepSource source = Source(Settings with { Data = data, Prompts = 5, Steps = count });
        string[] asked = [.. Enumerable.Range(0, count).SelectMany(step => source.Get(step).Questions).Select(question => question.Sample.Id)];
        string[][] epochs = [.. asked.Chunk(count)];
        Assert.Equal(5, epochs.Length);
        Assert.All(epochs, epoch => Assert.Equal(count, epoch.Distinct().Count()));
        if (count >= 12)
            Assert.Equal(epochs.Length, epochs.Select(epoch => string.Join(' ', epoch)).Distinct().Count());
        if (count < 30)
            return;
        Dictionary<string, int> places = Enumerable.Range(0, count).ToDictionary(i => data.Get(i).Id);
        Assert.All(epochs, epoch => Assert.InRange(epoch.Zip(epoch.Skip(1), (a, b) => (places[b] - places[a] + count) % count).Distinct().Count(), count / 3, count)); // a constant step through the data is no shuffle
    }

    [Fact]
    public void Endless_data_is_read_on_without_repetition()
    {
        StepSource source = Source(Settings with { Data = new LetterData() });
        Assert.Equal(80, Enumerable.Range(0, 20).SelectMany(step => source.Get(step).Questions).Select(question => question.Sample.Id).Distinct().Count());
    }

    [Fact]
    public void Views_are_of_the_suite_the_severities_and_the_share()
    {
        StepSource source = Source(Settings);
        StepQuestion[] questions = [.. Enumerable.Range(0, 50).SelectMany(step => source.Get(step).Questions)];
        Assert.All(questions.Chunk(4), step => Assert.Equal([2, 2, 0, 0], step.Select(question => question.Views.Count)));
        View[] views = [.. questions.SelectMany(question => question.Views)];
        Assert.Equal(Catalogue.Default.Suite("seen").Order(), views.Select(view => view.Corruption).Distinct().Order());
        Assert.Equal([2, 3], views.Select(view => view.Severity).Distinct().Order());
        Assert.Equal(views.Length, views.Select(view => view.Seed).Distinct().Count());
        foreach (StepQuestion question in questions)
            foreach ((View view, IReadOnlyList<RgbImage> pictures) in question.Views.Zip(question.Pictures))
                Assert.Equal(Catalogue.Default.Apply(question.Sample.Images[0], view, question.Sample.Id, 0, PixelScale.Reference).Pixels, pictures.Single().Pixels);
    }

    [Theory]
    [InlineData(0.55, 100, 55)]
    [InlineData(0.07, 100, 7)]
    [InlineData(0.5, 5, 3)]
    [InlineData(0.01, 5, 1)]
    [InlineData(1, 5, 5)]
    public void A_share_is_rounded_up(double share, int prompts, int viewed) =>
        Assert.Equal(viewed, Source(Settings with { Prompts = prompts, Views = new(Share: share) }).Get(0).Questions.Count(question => question.Views.Count > 0));

    [Fact]
    public void A_fault_in_what_is_read_ahead_comes_out_when_it_is_asked_for_and_again()
    {
        StepSource source = Source(Settings with { Data = new LetterData(12, BrokenAfter: 4) });
        Assert.Equal(4, source.Get(0).Questions.Count);
        Assert.Throws<RomaException>(() => source.Get(1));
        Assert.Throws<RomaException>(() => source.Get(1));
    }

    private static StepSource Source(TrainingSettings settings) => new(settings, Catalogue.Default);

    private static string Describe(StepBatch batch) => string.Join('\n', batch.Questions.Select(question =>
        $"{question.Sample.Id} {string.Join(' ', question.Views)} {string.Concat(question.Pictures.SelectMany(pictures => pictures).Select(picture => Convert.ToHexString(picture.Pixels)))}"));
}
