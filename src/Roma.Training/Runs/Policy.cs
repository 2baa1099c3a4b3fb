using Roma.Core;
using Roma.Models;
using Roma.Models.Kernels;
using Roma.Models.Lora;
using Roma.Training.Optimization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Roma.Training.Runs;

/// <summary>What is trained: a model, or an adapter on one.</summary>
public sealed class Policy : IDisposable
{
    private readonly LoraAdapter? _adapter;

    private Policy(VisionLanguageModel model, LoraAdapter? adapter, IReadOnlyList<string> freeze)
    {
        (Model, _adapter) = (model, adapter);
        Trained = TrainedPart.Select(adapter?.Parameters ?? model.Network.named_parameters().Select(p => (p.name, p.parameter)), freeze);
    }

    /// <summary>The model, the adapter attached.</summary>
    public VisionLanguageModel Model { get; }

    /// <summary>What the optimiser updates.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Trained { get; }

    /// <summary>Whether everything that is trained is still a number.</summary>
    public bool IsFinite => !Trained.Any(entry => NonFinite.IsIn(entry.Parameter));

    /// <summary>Loads the policy of a run from its last checkpoint, or makes it from the model that the run starts from.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="checkpoint">Its last checkpoint, or null.</param>
    /// <param name="device">Where to compute; null: the CPU.</param>
    /// <param name="outline">For plans: the model's weights are not read and take no memory.</param>
    /// <exception cref="RomaException">The model is faulty, a pattern names nothing, or the checkpoint is of another kind of run.</exception>
    public static Policy Load(TrainingSettings settings, string? checkpoint, Device? device, bool outline = false)
    {
        bool lora = settings.Lora is not null;
        if (checkpoint is not null && lora != LoraAdapter.IsAdapter(checkpoint))
            throw new RomaException($"The checkpoint {checkpoint} {(lora ? "is a whole model and the run trains an adapter" : "is an adapter and the run trains a whole model")}.", "Choose another folder.");
        string start = CheckpointStore.ModelOf(settings.Model);
        if (LoraAdapter.IsAdapter(start))
            throw new RomaException($"{start} is an adapter; a run starts from a whole model.", $"Merge it first: roma model convert {LoraAdapter.BaseOf(start)} --adapter {start} --out FOLDER");
        ScalarType type = lora && settings.Precision == Precision.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        VisionLanguageModel Load(string folder) => VisionLanguageModel.Load(folder, device, type, trainable: !lora, outline);
        VisionLanguageModel model = checkpoint is null ? Load(start)
            : lora ? Load(LoraAdapter.BaseOf(checkpoint)) // what a resumed adapter lies on is what it was trained on, whatever stands under the name by now
            : CheckpointStore.Read(checkpoint, () => Load(checkpoint));
        try
        {
            LoraAdapter? adapter = !lora ? null : checkpoint is null ? LoraAdapter.Create(model, settings.Lora!, (long)(settings.Seed & long.MaxValue))
                : CheckpointStore.Read(checkpoint, () => LoraAdapter.Load(model, checkpoint));
            if (settings.Precision == Precision.Bf16)
                model.Network.ComputeType = ScalarType.BFloat16;
            model.Network.Recompute = settings.Recompute;
            return new(model, adapter, settings.Freeze);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Saves a folder that programs can load: the model, or the adapter in PEFT's layout, which names the model below it.</summary>
    /// <param name="directory">The folder.</param>
    public void Save(string directory)
    {
        if (_adapter is null)
            Model.Save(directory);
        else
            _adapter.Save(directory, Path.GetFullPath(Model.Directory));
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
