namespace Roma.Core;

/// <summary>Where files are kept that save work another time.</summary>
public static class UserCache
{
    /// <summary>The program's folder among the user's own, which need not exist yet; null where the user has none that could be made.</summary>
    public static string? Folder
    {
        get
        {
            try
            {
                string home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create); // without: "" where it does not exist yet
                return home.Length > 0 ? Path.Combine(home, "roma") : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }
}
