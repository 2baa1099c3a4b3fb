using Roma.Cli;
using Roma.Core;

namespace Roma.Tests.Cli;

public class RunsVerbTests
{
    [Theory]
    [InlineData("config.json", "{\"steps\": ")]
    [InlineData("config.json", "[1]")]
    [InlineData("metrics.jsonl", "{\"step\":1,\"validation_clean\":\n")]
    [InlineData("checkpoints/step-000001/training_state.json", "{")]
    public void A_damaged_run_is_listed_as_such_beside_the_others(string file, string content)
    {
        using var folder = new TemporaryFolder();
        foreach (string run in new[] { "sound", "ill" })
        {
            Directory.CreateDirectory(folder.File(run));
            File.WriteAllText(folder.File($"{run}/metrics.jsonl"), "{\"step\":1}\n");
            File.WriteAllText(folder.File($"{run}/config.json"), "{\"steps\": 7, \"method\": \"grpo\"}");
        }
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File($"ill/{file}"))!);
        File.WriteAllText(folder.File($"ill/{file}"), content);
        var output = new StringWriter();
        using (var terminal = new Terminal(output, new StringWriter()))
            Assert.Equal(Application.Done, Application.Run(["runs", folder.Path], terminal));
        Assert.Contains("damaged", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("grpo", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("0 of 7", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_another_process_has_open_is_running()
    {
        using var folder = new TemporaryFolder();
        using (var run = new RunDirectory(folder.File("live"), new { }, seed: 0))
        {
            run.Begin();
            File.WriteAllText(folder.File("live/metrics.jsonl"), "");
            Assert.Contains("running", List(), StringComparison.Ordinal);
        }
        Assert.DoesNotContain("running", List(), StringComparison.Ordinal);

        string List()
        {
            var output = new StringWriter();
            using (var terminal = new Terminal(output, new StringWriter()))
                Assert.Equal(Application.Done, Application.Run(["runs", folder.Path], terminal));
            return output.ToString();
        }
    }
}
