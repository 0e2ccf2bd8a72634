/** The page's words, in English and Chinese. */

const EN = {
  title: "Rigcast · live character",
  connecting: "Connecting…",
  live: "Live",
  lost: "Connection lost, trying again…",
  refused: "Refused",
  hear: "Click anywhere to hear me",
  say: "Say something…",
  sayLabel: "Text to speak",
  send: "Speak",
  stop: "Stop",
  stopHint: "Stop speaking (Esc)",
  emotions: "Emotion",
  camera: "Camera",
  face: "Face",
  bust: "Bust",
  full: "Full",
  figures: "Figures",
  mute: "Mute",
  unmute: "Unmute",
  voice: "Voice",
  voiceHint: "server's own",
  rate: "Speed",
  pitch: "Pitch",
  latency: "Latency",
  delay: "Play-out delay",
  frames: "Picture",
  sync: "Face − sound",
  drift: "Clock drift",
  late: "Late frames",
  dropped: "Dropped frames",
  underruns: "Sound gaps",
  plot: "Curves over the last five seconds: {names}",
  character: "The character",
  loading: "Loading the character…",
  noCharacter: "The character could not be loaded ({why}). Is the server running, and is the file a VRM or glTF?",
  noCurves: "This character has none of the face's curves, so its face will not move.",
  barred: "The server is running but does not let this page in. If it wants a token, add ?token=… to the address.",
  noGraphics: "This browser offers no WebGL 2, so nothing can be drawn. Turn on hardware acceleration, or try another.",
  ended: "finished speaking",
  interrupted: "stopped",
  speaking: "speaking: {text}",
  failed: "Could not speak: {why}",
  "emotion.neutral": "Neutral",
  "emotion.happy": "Happy",
  "emotion.sad": "Sad",
  "emotion.angry": "Angry",
  "emotion.surprised": "Surprised",
  "emotion.afraid": "Afraid",
  "emotion.disgusted": "Disgusted",
  "emotion.relaxed": "Relaxed",
  "emotion.scornful": "Scornful",
  "emotion.pained": "Pained",
};

const ZH: typeof EN = {
  title: "Rigcast · 实时数字人",
  connecting: "正在连接…",
  live: "实时",
  lost: "连接中断，正在重连…",
  refused: "被拒绝",
  hear: "点击任意处开启声音",
  say: "说点什么…",
  sayLabel: "要说的文字",
  send: "说",
  stop: "停止",
  stopHint: "停止说话（Esc）",
  emotions: "情绪",
  camera: "镜头",
  face: "脸部",
  bust: "半身",
  full: "全身",
  figures: "数据",
  mute: "静音",
  unmute: "取消静音",
  voice: "声音",
  voiceHint: "服务器默认",
  rate: "语速",
  pitch: "音高",
  latency: "延迟",
  delay: "播放缓冲",
  frames: "画面",
  sync: "口型 − 声音",
  drift: "时钟漂移",
  late: "迟到帧",
  dropped: "丢弃帧",
  underruns: "声音断点",
  plot: "最近五秒的曲线：{names}",
  character: "数字人",
  loading: "正在加载角色…",
  noCharacter: "无法加载角色（{why}）。服务器在运行吗？文件是 VRM 或 glTF 吗？",
  noCurves: "这个角色没有任何可用的面部曲线，所以脸不会动。",
  barred: "服务器在运行，但不允许此页面进入。如果需要令牌，请在网址后加上 ?token=…",
  noGraphics: "此浏览器不支持 WebGL 2，无法绘制。请开启硬件加速或换一个浏览器。",
  ended: "说完了",
  interrupted: "已停止",
  speaking: "正在说：{text}",
  failed: "无法说话：{why}",
  "emotion.neutral": "平静",
  "emotion.happy": "开心",
  "emotion.sad": "难过",
  "emotion.angry": "生气",
  "emotion.surprised": "惊讶",
  "emotion.afraid": "害怕",
  "emotion.disgusted": "厌恶",
  "emotion.relaxed": "放松",
  "emotion.scornful": "轻蔑",
  "emotion.pained": "痛苦",
};

export type Key = keyof typeof EN;
export type Texts = (key: Key, values?: Record<string, string>) => string;

/** The words of a language: Chinese for every "zh…", English for all others. */
export function texts(language: string): Texts {
  const table = language.toLowerCase().startsWith("zh") ? ZH : EN;
  return (key, values = {}) => table[key].replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

/** An emotion's name for people; the wire's own word where there is no other. */
export function emotionName(text: Texts, emotion: string): string {
  const key = `emotion.${emotion}`;
  return key in EN ? text(key as Key) : emotion.charAt(0).toUpperCase() + emotion.slice(1);
}

/** Put the words where the markup asks for them: data-text, data-label (accessible name), data-hint (tooltip). */
export function fillIn(root: ParentNode, text: Texts): void {
  for (const node of root.querySelectorAll<HTMLElement>("[data-text],[data-label],[data-hint]")) {
    const { text: words, label, hint } = node.dataset;
    if (words) node.textContent = text(words as Key);
    if (label) node.setAttribute("aria-label", text(label as Key));
    if (hint) node.title = text(hint as Key);
  }
}
