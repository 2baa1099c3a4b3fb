namespace Roma.Tests.Training.Runs;

/// <summary>Tests of whole runs: they share the start model and count live tensors, so nothing else runs beside them.</summary>
[CollectionDefinition(nameof(TinyRuns), DisableParallelization = true)]
public sealed class TinyRunsCollection : ICollectionFixture<TinyRuns>;
