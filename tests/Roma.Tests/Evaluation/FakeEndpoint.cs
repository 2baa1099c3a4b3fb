using Roma.Evaluation.Endpoints;

namespace Roma.Tests.Evaluation;

/// <summary>Answers from a function of the prompt.</summary>
internal sealed class FakeEndpoint(Func<Prompt, Reply> answer, int batchSize = 7, string name = "fake") : IModelEndpoint
{
    public string Name => name;

    public int BatchSize => batchSize;

    public int Asked { get; private set; }

    public static Reply Text(string text) => new(text, ReplyStatus.Finished, text.Length);

    public IReadOnlyList<Reply> Answer(IReadOnlyList<Prompt> prompts, CancellationToken cancellation)
    {
        Assert.InRange(prompts.Count, 1, batchSize);
        Asked += prompts.Count;
        return [.. prompts.Select(answer)];
    }

    public void Dispose() { }
}
