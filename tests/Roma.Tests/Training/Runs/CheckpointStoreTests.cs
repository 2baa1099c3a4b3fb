using Roma.Training.Runs;

namespace Roma.Tests.Training.Runs;

public class CheckpointStoreTests
{
    [Fact]
    public void A_runs_folder_stands_for_its_newest_whole_checkpoint_and_any_other_for_itself()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(folder.Path, CheckpointStore.ModelOf(folder.Path));
        foreach (string step in new[] { "step-000002", "step-000010", "step-000020", "step-000030.tmp" })
            Directory.CreateDirectory(folder.File($"checkpoints/{step}"));
        foreach (string whole in new[] { "step-000002", "step-000010", "step-000030.tmp" })
            File.WriteAllText(folder.File($"checkpoints/{whole}/training_state.json"), "{}");
        Assert.Equal(folder.File("checkpoints/step-000010"), CheckpointStore.ModelOf(folder.Path));
    }
}
