using Roma.Core;
using Roma.Models.Checkpoints;
using Roma.Models.Generation;
using Roma.Models.Kernels;
using Roma.Models.Layers;
using Roma.Models.Processing;
using Roma.Models.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Verification;

/// <summary>
/// Compares a model with reference values stage by stage: processor, every block and layer, logits, log-probabilities, gradients, generated tokens. Tolerances are
/// the distances between equally valid orders of the reference's own fp32 arithmetic, so the model is to compute in fp32.
/// </summary>
public sealed class ReferenceCheck
{
    private const double HiddenTolerance = 1e-5, LogitTolerance = 1e-4, CosineTolerance = 1e-5, NormTolerance = 1e-4, PixelTolerance = 1 / 127.0;
    private readonly VisionLanguageModel _model;
    private readonly ReferenceCase _case;
    private readonly List<StageDifference> _stages = [];

    private ReferenceCheck(VisionLanguageModel model, ReferenceCase reference) => (_model, _case) = (model, reference);

    /// <summary>Compares. Gradients of the model are cleared.</summary>
    /// <param name="model">The model, in fp32.</param>
    /// <param name="reference">The reference's values for the same weights.</param>
    /// <returns>Every stage in the order of computation: where the first one departs, the fault lies.</returns>
    /// <exception cref="RomaException">The case lacks a tensor or a picture, or was made with another kind of model.</exception>
    public static IReadOnlyList<StageDifference> Run(VisionLanguageModel model, ReferenceCase reference)
    {
        using DisposeScope scope = NewDisposeScope();
        var check = new ReferenceCheck(model, reference);
        check.RefuseAnotherModels();
        check.ComparePrompts();
        check.CompareNetwork();
        check.CompareResponses();
        check.CompareGenerated();
        return check._stages;
    }

    private void RefuseAnotherModels()
    {
        ModelConfig config = _model.Config;
        int largest = _case.Prompts.Max(prompt => prompt.Ids.Max()), places = _case.Prompts.Sum(prompt => prompt.Ids.Count(id => id == config.ImageTokenId));
        int tokens = _case.Grids.Sum(grid => grid.Tokens(config.Vision.SpatialMergeSize));
        if (largest >= config.Text.VocabSize || places != tokens || _case.Has("logits") && _case.Shape("logits")[^1] != config.Text.VocabSize)
            throw new RomaException($"The case {_case.Folder} was made with another model: its prompts and pictures do not fit the vocabulary of {_model.Directory}.", "Give a case of this model's own tokenizer and sizes.");
    }

    private void ComparePrompts()
    {
        long differing = 0, misplaced = 0;
        var images = new List<RgbImage>();
        for (int b = 0; b < _case.Prompts.Count; b++)
        {
            RgbImage[] own = [.. _case.Images[b].Select(file => ImageCodec.Load(file))];
            images.AddRange(own);
            TokenPrompt prompt = _model.Prompt(_case.Conversations[b], [.. own.Select(image => _model.Processor.Images.GridOf(image.Width, image.Height))]);
            differing += Differences(prompt.Ids, _case.Prompts[b].Ids);
            misplaced += Differences(prompt.Positions, _case.Prompts[b].Positions);
        }
        _stages.Add(new("processor.tokens", "tokens that differ", differing, 0));
        _stages.Add(new("processor.positions", "positions that differ", misplaced, 0));
        if (images.Count == 0)
            return;
        Tensor patches = _model.Patches(images, out Grid[] grids), expected = _case.Read("pixel_values");
        _stages.Add(new("processor.grids", "grids that differ", Differences(grids, _case.Grids), 0));
        _stages.Add(new("processor.patches", "largest difference", patches.shape.SequenceEqual(expected.shape) ? Largest(patches.cpu() - expected) : double.NaN, PixelTolerance));

        static long Differences<T>(IReadOnlyList<T> a, IReadOnlyList<T> b) =>
            Math.Abs(a.Count - b.Count) + a.Zip(b).Count(pair => !EqualityComparer<T>.Default.Equals(pair.First, pair.Second));
    }

    /// <summary>From the reference's patches to the logits of every row.</summary>
    private void CompareNetwork()
    {
        using IDisposable _ = no_grad();
        var seen = new HashSet<string>();
        _model.Network.Probe = (name, value) =>
        {
            if (_case.Has(name) && seen.Add(name))
                Add(name, value, name.StartsWith("vision", StringComparison.Ordinal) ? _case.Read(name) : _case.ReadRows(name), relative: true, HiddenTolerance);
        };
        try
        {
            var layout = new PackedLayout([.. _case.Prompts.Zip(_case.Responses, (prompt, response) => prompt.Ids.Length + response.Length)], []);
            int[] ids = [.. _case.Prompts.Zip(_case.Responses).SelectMany(pair => pair.First.Ids.Concat(pair.Second))];
            (int, int, int)[] positions =
            [
                .. _case.Prompts.Zip(_case.Responses).SelectMany(pair => pair.First.Positions.Concat(pair.Second.Select((_, t) => (pair.First.Next + t, pair.First.Next + t, pair.First.Next + t)))),
            ];
            Tensor hidden_NH = _model.Network.Normalize(_model.Network.Forward(_model.Network.Tokens(ids, positions, layout), Features()));
            _model.Network.Probe("text.norm", hidden_NH);
            Add("logits", hidden_NH.mm(_model.Network.Head_VH.t()), _case.ReadRows("logits"), relative: false, LogitTolerance);
        }
        finally
        {
            _model.Network.Probe = null;
        }
        foreach (string name in _case.Names.Where(name => (name.StartsWith("vision.", StringComparison.Ordinal) || name.StartsWith("text.", StringComparison.Ordinal)) && !seen.Contains(name)))
            _stages.Add(new(name, "not computed", double.NaN, HiddenTolerance));
    }

    /// <summary>Scores and gradients on the path that training takes.</summary>
    private void CompareResponses()
    {
        Dictionary<string, TorchSharp.Modules.Parameter> parameters = _model.Network.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        _model.Network.zero_grad();
        Tensor logProbs_BT = TeacherForcing.LogProbs(_model.Network, _case.Prompts, Features(), _case.Responses), loss = -logProbs_BT.sum() / Scalars.Of(_case.Responses.Sum(response => response.Length));
        float[] own = logProbs_BT.detach().cpu().data<float>().ToArray(), expected = _case.Read("response_logprobs").data<float>().ToArray();
        int longest = (int)logProbs_BT.shape[1], T = expected.Length / _case.Prompts.Count + 1, n = 0;
        double worst = 0;
        for (int b = 0; b < _case.Responses.Count; b++)
        {
            n += _case.Prompts[b].Ids.Length;
            for (int t = 0; t < _case.Responses[b].Length; t++, n++)
            {
                (int row, int column) = Math.DivRem((int)_case.Rows[n], T);
                worst = Math.Max(worst, Math.Abs(own[b * longest + t] - expected[row * (T - 1) + column - 1]));
            }
        }
        _stages.Add(new("response_logprobs", "largest difference", worst, LogitTolerance));
        _stages.Add(new("loss", "difference", Math.Abs(loss.item<float>() - _case.Loss), LogitTolerance));

        loss.backward();
        string file = Path.Combine(_case.Folder, "gradients.safetensors");
        if (File.Exists(file))
        {
            using SafetensorsFile gradients = SafetensorsFile.Open(file);
            IEnumerable<double> angles = gradients.Tensors.Keys.Select(key => Gradient(key) is { } gradient ? 1 - Cosine(gradient, gradients.Read(key)) : double.PositiveInfinity);
            _stages.Add(new("gradients", "largest 1 - cosine", angles.Aggregate(0.0, Math.Max), CosineTolerance));
        }
        double floor = 1e-6 * _case.GradientNorms.Values.Max(); // below, a gradient is rounding
        IEnumerable<double> norms = _case.GradientNorms.Select(pair =>
            Gradient(pair.Key) is { } gradient ? Math.Abs(gradient.norm().item<double>() - pair.Value) / Math.Max(pair.Value, floor) : double.PositiveInfinity);
        _stages.Add(new("gradient_norms", "largest relative difference", norms.Aggregate(0.0, Math.Max), NormTolerance)); // Max() would pass over NaN
        _model.Network.zero_grad();

        Tensor? Gradient(string key) => parameters.TryGetValue(key, out TorchSharp.Modules.Parameter? parameter) ? parameter.grad?.cpu().to(ScalarType.Float64).view(-1) : null;

        static double Cosine(Tensor a, Tensor b)
        {
            b = b.to(ScalarType.Float64).view(-1);
            return ((a * b).sum() / (a.norm() * b.norm())).item<double>();
        }
    }

    /// <summary>Greedy decoding with the cache. A token may differ where the reference's own two best scores are closer than the tolerance; after that the texts part.</summary>
    private void CompareGenerated()
    {
        using IDisposable _ = no_grad();
        long[] generated = _case.Longs("generated");
        float[] top2 = _case.Read("generated_top2").data<float>().ToArray();
        int length = generated.Length / _case.Prompts.Count, differing = 0;
        IReadOnlyList<GeneratedSequence> own = new TextGenerator(_model.Network, [], _case.SuppressedTokens).Generate(_case.Prompts, Features(), 1, new(length, 0));
        for (int b = 0; b < own.Count; b++)
        {
            for (int t = 0; t < length; t++)
            {
                int at = b * length + t;
                if (own[b].Tokens[t] != generated[at])
                {
                    differing += top2[2 * at] - top2[2 * at + 1] < LogitTolerance ? 0 : 1;
                    break;
                }
                if (_model.EndTokens.Contains(own[b].Tokens[t]))
                    break; // what the reference puts after the end is padding
            }
        }
        _stages.Add(new("generated", "sequences that differ", differing, 0));
    }

    private VisionFeatures? Features() => _case.Grids.Count == 0 ? null : _model.Network.Encode(_case.Read("pixel_values").to(_model.Network.Device), _case.Grids);

    private void Add(string stage, Tensor value, Tensor expected, bool relative, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor expected32 = expected.to(ScalarType.Float32);
        double difference = value.shape.SequenceEqual(expected.shape) ? Largest(value.to(ScalarType.Float32).cpu() - expected32) : double.NaN;
        _stages.Add(new(stage, relative ? "difference / largest value" : "largest difference", relative ? difference / Largest(expected32) : difference, tolerance));
    }

    private static double Largest(Tensor values) => values.abs().max().item<float>();
}
