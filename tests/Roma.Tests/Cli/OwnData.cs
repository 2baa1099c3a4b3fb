using Roma.Core;
using Roma.Models.Qwen3Vl;

namespace Roma.Tests.Cli;

/// <summary>A tiny untrained model, a table of three questions, a benchmark and a recipe, as a newcomer brings them.</summary>
internal sealed class OwnData : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public OwnData()
    {
        MakeModel(seed: 5);
        AtomicFile.WriteBytes(Picture, ImageCodec.EncodePng(new RgbImage(32, 32)));
        Write(["1", "2", "3"]);
        AtomicFile.WriteText(Suite, $$"""
            name: own
            version: 1
            data: { name: table, file: {{Table}} }
            answer: numeric
            """);
        AtomicFile.WriteText(Recipe, $$"""
            model: {{Model}}
            data: { name: table, file: {{Table}} }
            method: grpo
            answer: numeric
            steps: 1
            prompts: 2
            group: 2
            max_tokens: 4
            """);
    }

    public string Model => _folder.File("model");

    public string Suite => _folder.File("suite.yaml");

    public string Recipe => _folder.File("recipe.yaml");

    public string Results => _folder.File("results");

    public string Picture => _folder.File("a.png");

    private string Table => _folder.File("own.jsonl");

    /// <summary>Replaces the model by one of other weights.</summary>
    public void MakeModel(long seed) => NanoModel.Create(Model, seed, size: new Qwen3VlSize
    {
        Hidden = 32, Mlp = 32, Layers = 1, Heads = 2, KeyValueHeads = 1, HeadDim = 16, MropeSection = [3, 3, 2], VisionHidden = 16, VisionMlp = 16, VisionDepth = 1, VisionHeads = 1,
        PositionEmbeddings = 16, PatchSize = 8, Pixels = (32 * 32, 32 * 32),
    });

    /// <summary>Writes the questions with these answers, and what else a row holds.</summary>
    public void Write(string[] answers, string more = "") =>
        File.WriteAllLines(Table, answers.Select(answer => $$"""{"image": "a.png", "question": "How many?", "answer": "{{answer}}"{{more}}}"""));

    public void Dispose() => _folder.Dispose();
}
