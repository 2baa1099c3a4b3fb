using Roma.Core;
using Roma.Models;
using Roma.Models.Checkpoints;
using Roma.Models.Generation;
using Roma.Models.Processing;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Evaluation.Endpoints;

/// <summary>A checkpoint in this process, decoded greedily.</summary>
/// <param name="model">The model; not disposed with the endpoint.</param>
/// <param name="name">Names it in logs and reports.</param>
/// <param name="maxTokens">Most tokens of a reply, its end token included.</param>
/// <param name="batchSize">Prompts answered at once.</param>
public sealed class LocalEndpoint(VisionLanguageModel model, string name, int maxTokens, int batchSize = 256) : IModelEndpoint
{
    private readonly TextGenerator _generator = model.Generator();
    private readonly SamplingSettings _settings = new(maxTokens, temperature: 0);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int BatchSize { get; } = batchSize >= 1 ? batchSize : throw new RomaException($"The batch size is at least 1, not {batchSize}.");

    /// <summary>What its replies depend on besides the questions, for the header of a result log.</summary>
    /// <param name="directory">The folder that the model was loaded from, an adapter's with the adapter; every byte of its weights is read.</param>
    public IReadOnlyDictionary<string, string> Describe(string directory) => new OrderedDictionary<string, string>
    {
        ["weights"] = ModelHash.Of(directory), ["max_tokens"] = $"{maxTokens}", ["compute_type"] = $"{model.Network.ComputeType}", ["device"] = $"{model.Network.Device.type}",
    };

    /// <inheritdoc/>
    public IReadOnlyList<Reply> Answer(IReadOnlyList<Prompt> prompts, CancellationToken cancellation)
    {
        using IDisposable _ = no_grad();
        using DisposeScope scope = NewDisposeScope();
        RgbImage[] images = [.. prompts.SelectMany(prompt => prompt.Images)];
        Grid[] grids = [.. images.Select(image => model.Processor.Images.GridOf(image.Width, image.Height))];
        int first = 0;
        TokenPrompt[] tokens = [.. prompts.Select(prompt => model.Prompt(prompt.Text, grids[first..(first += prompt.Images.Count)], prompt.System) with { Name = prompt.Name })];
        _generator.Refuse(tokens, _settings); // before the pictures are encoded
        VisionFeatures? features = images.Length == 0 ? null : model.Network.Encode(model.Patches(images, out grids), grids);
        return [.. _generator.Generate(tokens, features, 1, _settings, cancellation: cancellation)
            .Select(sequence => new Reply(
                model.Processor.Tokenizer.Decode(sequence.RefuseBroken(model.Directory).Tokens, skipSpecial: true), sequence.Finished ? ReplyStatus.Finished : ReplyStatus.Truncated, sequence.Tokens.Length))];
    }

    /// <inheritdoc/>
    public void Dispose() { }
}
