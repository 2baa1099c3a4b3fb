namespace Roma.Cli.Verbs;

/// <summary>Makes, describes, converts and checks model folders.</summary>
internal sealed partial class ModelVerb : Verb
{
    public ModelVerb(Terminal terminal) : base("model", "Make an untrained model, describe or convert a model folder, or check one against reference values.",
        "roma model init --size nano --out models/nano     # an untrained Qwen3-VL of 650,000 parameters",
        "roma model info models/nano")
    {
        Add(new Init(terminal));
        Add(new Info(terminal));
        Add(new Convert(terminal));
        Add(new Verify(terminal));
    }
}
