using System.Text.Json;
using Roma.Training.Advantages;
using Roma.Training.Losses;
using static TorchSharp.torch;

namespace Roma.Tests.Training;

/// <summary>A case of a golden losses file, in float64 or float32: its settings as records, its batch as tensors.</summary>
internal sealed class LossCase
{
    private readonly JsonElement _batch;

    public LossCase(JsonElement document, JsonElement @case, ScalarType type)
    {
        Kind = @case.GetProperty("kind").GetString()!;
        Settings = @case.GetProperty("settings");
        Expected = @case.GetProperty("expected");
        Type = type;
        Tolerance = document.GetProperty("tolerance").GetProperty(type == float64 ? "float64" : "float32").GetDouble();
        if (@case.GetProperty("batch").GetString() is { } name)
            _batch = document.GetProperty("batches").GetProperty(name);
    }

    public string Kind { get; }

    public JsonElement Settings { get; }

    public JsonElement Expected { get; }

    public ScalarType Type { get; }

    public double Tolerance { get; }

    public bool HasLogits => Has("logits0");

    public int Views => Settings.TryGetProperty("views", out JsonElement views) ? views.GetInt32() : 0;

    public bool Has(string field) => _batch.ValueKind == JsonValueKind.Object && _batch.TryGetProperty(field, out _);

    public Tensor Tensor(string field, bool gradient = false) => Json.Tensor(_batch.GetProperty(field), Type).requires_grad_(gradient);

    public int[] Indices(string field) => [.. _batch.GetProperty(field).EnumerateArray().Select(value => value.GetInt32())];

    public T? Named<T>(string key, T? none = null) where T : class =>
        Settings.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { } name ? Json.Named<T>(name, Settings) : none;

    public double Number(string key) => Settings.GetProperty(key).GetDouble();

    /// <summary>The responses with the case's advantages.</summary>
    public Trajectories Trajectories()
    {
        double[] reward = Json.Values(_batch.GetProperty("reward"));
        JsonElement mask = _batch.GetProperty("mask");
        double[] flags = Json.Values(mask);
        int length = flags.Length / reward.Length, group = _batch.GetProperty("group").GetInt32();
        var counted = new bool[reward.Length, length];
        for (int i = 0; i < flags.Length; i++)
            counted[i / length, i % length] = flags[i] != 0;
        var step = new Trajectories([.. Enumerable.Range(0, reward.Length).Select(i => i / group)], reward, Json.Values(_batch.GetProperty("accuracy")),
            [.. _batch.GetProperty("unscorable").EnumerateArray().Select(value => !value.GetBoolean())], counted);
        return step with { Advantage = Named<IAdvantage>("advantage", new GrpoAdvantage())!.Compute(step) };
    }

    /// <summary>The case's settings; <c>policy: none</c> stands for cross-entropy, halved and paired with that of a view where views are given.</summary>
    public ObjectiveSettings Objective()
    {
        bool imitation = Settings.GetProperty("policy").GetString() == "none";
        IPolicyLoss loss = imitation ? new CrossEntropyLoss() : Named<IPolicyLoss>("policy")!;
        JsonElement dual = Settings.GetProperty("dual_clip");
        return new ObjectiveSettings
        {
            Policy = new PolicySettings(loss, Number("clip_low"), Number("clip_high"), dual.ValueKind == JsonValueKind.Null ? null : dual.GetDouble(), Named<IAggregation>("aggregation"),
                Number("beta"), Named<IKlEstimator>("reference_estimator"), Entropy: Number("entropy")),
            LambdaClean = imitation && Views > 0 ? 0.5 : 1,
            LambdaKl = Views > 0 ? Number("lambda_kl") : 0,
            LambdaPg = imitation && Views > 0 ? 0.5 : Views > 0 ? Number("lambda_pg") : 0,
            WorstCase = Named<IWorstCase>("worst_case")!,
            Anchor = Json.Enum<Anchor>(Settings.GetProperty("anchor")),
            Estimator = Named<IKlEstimator>("estimator")!,
            Gate = Json.Enum<Gate>(Settings.GetProperty("gate")),
            Tau = Number("tau"),
            Surrogate = imitation ? loss : Named<IPolicyLoss>("surrogate")!,
            View = imitation ? AuxiliaryView.Random : Json.Enum<AuxiliaryView>(Settings.GetProperty("view")),
            Filter = Settings.TryGetProperty("filter", out JsonElement filter) ? Json.Enum<Gate>(filter) : Gate.None,
        };
    }
}
