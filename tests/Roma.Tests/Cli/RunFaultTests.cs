using Roma.Cli;
using Roma.Models.Qwen3Vl;

namespace Roma.Tests.Cli;

/// <summary>What a newcomer gets wrong in <c>train</c>, <c>eval</c> and their neighbours: told with exit code 2, what is wrong and what is allowed, and nothing is left behind.</summary>
public sealed class RunFaultTests : IDisposable
{
    private readonly StringWriter _out = new(), _error = new();
    private readonly Terminal _terminal;
    private readonly TemporaryFolder _folder = new();

    public RunFaultTests()
    {
        _terminal = new Terminal(_out, _error);
        NanoModel.Create(_folder.File("nano"), 1);
        foreach (string copy in new[] { "cut", "pickle" })
        {
            Directory.CreateDirectory(_folder.File(copy));
            foreach (string file in Directory.GetFiles(_folder.File("nano")))
                File.Copy(file, Path.Combine(_folder.File(copy), Path.GetFileName(file)));
        }
        using (FileStream weights = File.OpenWrite(_folder.File("cut/model.safetensors")))
            weights.SetLength(weights.Length / 2);
        File.Move(_folder.File("pickle/model.safetensors"), _folder.File("pickle/pytorch_model.bin"));
        File.WriteAllText(_folder.File("a-file"), "");
    }

    public void Dispose()
    {
        _terminal.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("train RECIPE stepz=1", "unknown key; did you mean 'steps'?")]
    [InlineData("train RECIPE optimizer.lrr=1", "unknown key; did you mean 'lr'?")]
    [InlineData("train RECIPE method.name=romma", "unknown name 'romma'; did you mean 'roma'?")]
    [InlineData("train RECIPE steps=0", "0 is below 1")]
    [InlineData("train RECIPE stop.seconds=-1", "-1 is not a finite number of at least 0")]
    [InlineData("train RECIPE model=FOLDER/nowhere", "There is no model folder")]
    [InlineData("train RECIPE model=FOLDER/cut", "not a valid safetensors file")]
    [InlineData("train RECIPE model=FOLDER/pickle", "is a pickle")]
    [InlineData("train RECIPE model=FOLDER/nano views.suite=unseeen", "There is no corruption suite 'unseeen'; did you mean 'unseen'?")]
    [InlineData("train RECIPE model=FOLDER/nano max_tokens=5000", "more than the model's 4096 positions")]
    [InlineData("train RECIPE model=FOLDER/nano --device gpu", "There is no device 'gpu'")]
    [InlineData("train RECIPE model=FOLDER/nano --devise cpu", "has no option '--devise'; did you mean '--device'?")]
    [InlineData("train RECIPE model=FOLDER/nano --out FOLDER/a-file/run", "could not be written")]
    [InlineData("train FOLDER/nowhere.yaml", "nowhere.yaml")]
    [InlineData("eval SUITE sampels=3 --model FOLDER/nano", "unknown key; did you mean 'samples'?")]
    [InlineData("eval SUITE suites=[seeen] --model FOLDER/cut", "There is no corruption suite 'seeen'; did you mean 'seen'?")]
    [InlineData("eval SUITE --model FOLDER/nowhere", "There is no model folder")]
    [InlineData("eval SUITE --model FOLDER/cut", "not a valid safetensors file")]
    [InlineData("eval SUITE --model FOLDER/pickle", "is a pickle")]
    [InlineData("eval SUITE --modle FOLDER/nano", "has no option '--modle'; did you mean '--model'?")]
    [InlineData("eval SUITE --model FOLDER/nano --device cuda:x", "There is no device 'cuda:x'")]
    [InlineData("eval SUITE --model FOLDER/nano --max-tokens 0", "max_tokens >= 1")]
    [InlineData("eval SUITE --model FOLDER/nano --max-tokens 5000", "more than the model's 4096 positions")]
    [InlineData("eval SUITE --model FOLDER/nano --batch-size 0", "The batch size is at least 1, not 0")]
    [InlineData("eval SUITE --model FOLDER/nano --out FOLDER/a-file/run", "could not be written")]
    [InlineData("model init --out FOLDER/a-file/nano", "could not be written")]
    [InlineData("model info FOLDER/cut", "not a valid safetensors file")]
    [InlineData("demo --seeds 0", "--seeds is 1 to 100")]
    public void Is_told_and_leaves_nothing(string line, string message)
    {
        string output = _folder.File("run");
        string[] words = [.. line.Split(' ').Select(word => word.Replace("FOLDER", _folder.Path).Replace("RECIPE", Path.Combine(Golden.Repository, "recipes", "digit-grid-roma.yaml"))
            .Replace("SUITE", Path.Combine(Golden.Repository, "eval-suites", "digit-grid.yaml")))];
        if (words[0] is "train" or "eval" && !words.Contains("--out"))
            words = [.. words, "--out", output];
        Assert.True(Application.Run(words, _terminal) == Application.UserFault, $"{_error}");
        Assert.Contains(message, _error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", _error.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(output) && line.StartsWith("train", StringComparison.Ordinal) && !line.Contains("max_tokens"), "a run's folder was made");
    }
}
