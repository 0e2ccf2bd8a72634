using Rigcast;
using Rigcast.Core;
using UnityEngine;

/// <summary>
/// Put this on an empty object in an empty scene and press Play, with a bridge running (rigcast serve): it builds a head
/// with a jaw, lips and brows at run time, connects it, and says what you type.
/// </summary>
public sealed class SpeakingHead : MonoBehaviour
{
    const int Rings = 48;
    const int Slices = 64;

    [SerializeField] string _url = "ws://127.0.0.1:7788/rigcast";
    [SerializeField] string _greeting = "[happy] Hello! I was made a moment ago.";

    RigcastClient _client;
    string _text = "How do you do?";
    bool _greeted;

    void Awake()
    {
        // Inactive until all is set, so that the client connects to the right address at once.
        var head = new GameObject("Head");
        head.SetActive(false);
        head.transform.SetParent(transform, false);
        var skin = head.AddComponent<SkinnedMeshRenderer>();
        skin.sharedMesh = HeadMesh();
        skin.updateWhenOffscreen = true;
        skin.sharedMaterial = BorrowedMaterial();
        _client = head.AddComponent<RigcastClient>();
        _client.Url = _url;
        head.AddComponent<RigcastFace>();
        head.AddComponent<RigcastAudio>();
        head.SetActive(true);
        ComeCloser();
    }

    /// <summary>The main camera before the face, which looks along +Z.</summary>
    void ComeCloser()
    {
        var camera = Camera.main;
        if (camera == null) return;
        camera.transform.position = transform.position + transform.rotation * new Vector3(0, 0, 0.45f);
        camera.transform.LookAt(transform.position);
    }

    void Update()
    {
        if (_greeted || _client.State != SessionState.Live) return;
        _greeted = _client.Say(_greeting) != 0;
    }

    void OnGUI()
    {
        GUILayout.BeginArea(new Rect(10, 10, 420, 80));
        GUILayout.Label(_client.State + (_client.Problem == "" ? "" : ": " + _client.Problem));
        _text = GUILayout.TextField(_text);
        if (GUILayout.Button("Speak")) _client.Say(_text);
        GUILayout.EndArea();
    }

    /// <summary>The project's own default material, whatever its render pipeline.</summary>
    static Material BorrowedMaterial()
    {
        var sphere = GameObject.CreatePrimitive(PrimitiveType.Sphere);
        var material = sphere.GetComponent<Renderer>().sharedMaterial;
        Destroy(sphere);
        return material;
    }

    /// <summary>A sphere of 20 cm that faces +Z, with five blendshapes in ARKit's names.</summary>
    static Mesh HeadMesh()
    {
        var mesh = new Mesh { name = "Head", vertices = Points(), triangles = Triangles() };
        mesh.RecalculateNormals();
        mesh.RecalculateBounds();
        Shape(mesh, "jawOpen", (x, y, z) => y < -0.2f && z > 0 ? new Vector3(0, -0.35f * z, -0.1f * z) : Vector3.zero);
        Shape(mesh, "mouthPucker", (x, y, z) => new Vector3(-0.6f * x, 0, 0.35f) * Mouth(x, y, z));
        Shape(mesh, "mouthSmileLeft", (x, y, z) => x < 0 ? new Vector3(-0.15f, 0.2f, 0) * Mouth(x, y, z) : Vector3.zero);
        Shape(mesh, "mouthSmileRight", (x, y, z) => x > 0 ? new Vector3(0.15f, 0.2f, 0) * Mouth(x, y, z) : Vector3.zero);
        Shape(mesh, "browInnerUp", (x, y, z) => y > 0.3f && y < 0.6f && z > 0.5f ? new Vector3(0, 0.12f, 0.05f) : Vector3.zero);
        return mesh;
    }

    /// <summary>1 at the mouth's middle, less around it.</summary>
    static float Mouth(float x, float y, float z)
    {
        var away = (x * x + (y + 0.35f) * (y + 0.35f)) / 0.12f;
        return z > 0 ? Mathf.Max(0, 1 - away) : 0;
    }

    delegate Vector3 Displacement(float x, float y, float z);

    static void Shape(Mesh mesh, string name, Displacement displacement)
    {
        var points = mesh.vertices;
        for (var i = 0; i < points.Length; i++) points[i] = displacement(points[i].x * 10, points[i].y * 10, points[i].z * 10) * 0.1f;
        mesh.AddBlendShapeFrame(name, 100, points, null, null);
    }

    static Vector3[] Points()
    {
        var points = new Vector3[(Rings + 1) * (Slices + 1)];
        for (var ring = 0; ring <= Rings; ring++)
        for (var slice = 0; slice <= Slices; slice++)
        {
            float polar = 3.14159265f * ring / Rings, turn = 6.2831853f * slice / Slices;
            var around = Mathf.Sin(polar);
            points[ring * (Slices + 1) + slice] = new Vector3(around * Mathf.Sin(turn), Mathf.Cos(polar), around * Mathf.Cos(turn)) * 0.1f;
        }
        return points;
    }

    static int[] Triangles()
    {
        var triangles = new int[Rings * Slices * 6];
        for (int ring = 0, at = 0; ring < Rings; ring++)
        for (var slice = 0; slice < Slices; slice++)
        {
            int a = ring * (Slices + 1) + slice, b = a + Slices + 1;
            foreach (var corner in new[] { a, b, a + 1, a + 1, b, b + 1 }) triangles[at++] = corner;
        }
        return triangles;
    }
}
