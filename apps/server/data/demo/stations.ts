/**
 * Stations of the demonstration network: real places, roughly where they are. One a line:
 * name | pinyin | city | latitude | longitude | rank (1 national hub, 2 provincial hub, 3 prefecture, 4 smaller).
 */
import { englishNameOf } from "@chepiao/adapters/gtfs";
import type { Station } from "@chepiao/contracts";
import { assert } from "@chepiao/kernel";

const table = `
北京|bei jing|北京|39.903|116.427|1
北京南|bei jing nan|北京|39.865|116.379|1
北京西|bei jing xi|北京|39.895|116.322|1
北京朝阳|bei jing chao yang|北京|39.944|116.509|1
北京北|bei jing bei|北京|39.944|116.353|2
北京丰台|bei jing feng tai|北京|39.850|116.299|2
天津|tian jin|天津|39.136|117.210|1
天津西|tian jin xi|天津|39.158|117.163|2
天津南|tian jin nan|天津|39.057|117.061|3
武清|wu qing|天津|39.376|117.058|4
滨海|bin hai|天津|39.006|117.711|4
廊坊|lang fang|廊坊|39.514|116.707|4
唐山|tang shan|唐山|39.626|118.123|3
秦皇岛|qin huang dao|秦皇岛|39.947|119.603|3
山海关|shan hai guan|秦皇岛|40.000|119.757|4
沧州西|cang zhou xi|沧州|38.308|116.776|4
保定东|bao ding dong|保定|38.868|115.580|3
石家庄|shi jia zhuang|石家庄|38.011|114.485|1
邢台东|xing tai dong|邢台|37.075|114.620|4
邯郸东|han dan dong|邯郸|36.610|114.558|3
邯郸|han dan|邯郸|36.602|114.480|4
衡水|heng shui|衡水|37.741|115.697|4
衡水北|heng shui bei|衡水|37.794|115.664|4
承德南|cheng de nan|承德|40.779|118.046|4
张家口|zhang jia kou|张家口|40.756|114.886|3
太原|tai yuan|太原|37.863|112.580|2
太原南|tai yuan nan|太原|37.784|112.607|2
阳泉北|yang quan bei|阳泉|38.096|113.437|4
大同|da tong|大同|40.119|113.299|3
临汾西|lin fen xi|临汾|36.083|111.456|4
运城北|yun cheng bei|运城|35.086|111.047|4
乌兰察布|wu lan cha bu|乌兰察布|40.986|113.152|4
呼和浩特|hu he hao te|呼和浩特|40.830|111.658|2
呼和浩特东|hu he hao te dong|呼和浩特|40.849|111.754|2
包头|bao tou|包头|40.626|109.842|3
海拉尔|hai la er|呼伦贝尔|49.229|119.757|4
满洲里|man zhou li|呼伦贝尔|49.588|117.438|4
通辽|tong liao|通辽|43.636|122.254|3
沈阳|shen yang|沈阳|41.792|123.396|1
沈阳北|shen yang bei|沈阳|41.819|123.434|1
大连|da lian|大连|38.924|121.629|2
大连北|da lian bei|大连|39.014|121.599|2
鞍山西|an shan xi|鞍山|41.133|122.910|4
营口东|ying kou dong|营口|40.581|122.529|4
锦州|jin zhou|锦州|41.124|121.136|3
锦州南|jin zhou nan|锦州|41.032|121.083|4
葫芦岛北|hu lu dao bei|葫芦岛|40.772|120.822|4
铁岭西|tie ling xi|铁岭|42.194|123.731|4
朝阳|chao yang|朝阳|41.615|120.424|4
阜新|fu xin|阜新|42.053|121.709|4
丹东|dan dong|丹东|40.126|124.386|3
本溪|ben xi|本溪|41.300|123.764|4
四平东|si ping dong|四平|43.152|124.425|4
长春|chang chun|长春|43.908|125.319|1
长春西|chang chun xi|长春|43.877|125.209|2
吉林|ji lin|吉林|43.860|126.571|3
延吉西|yan ji xi|延吉|42.897|129.411|4
哈尔滨|ha er bin|哈尔滨|45.760|126.632|1
哈尔滨西|ha er bin xi|哈尔滨|45.706|126.574|1
大庆|da qing|大庆|46.593|125.136|4
大庆东|da qing dong|大庆|46.591|125.150|4
齐齐哈尔|qi qi ha er|齐齐哈尔|47.339|123.980|3
牡丹江|mu dan jiang|牡丹江|44.592|129.609|3
佳木斯|jia mu si|佳木斯|46.805|130.351|3
德州|de zhou|德州|37.450|116.295|4
德州东|de zhou dong|德州|37.464|116.376|4
济南|ji nan|济南|36.671|116.991|2
济南西|ji nan xi|济南|36.668|116.889|1
济南东|ji nan dong|济南|36.707|117.152|2
泰安|tai an|泰安|36.173|117.046|3
曲阜东|qu fu dong|曲阜|35.558|117.056|4
滕州东|teng zhou dong|枣庄|35.086|117.235|4
枣庄|zao zhuang|枣庄|34.788|117.323|4
淄博|zi bo|淄博|36.790|118.048|3
潍坊|wei fang|潍坊|36.703|119.110|3
潍坊北|wei fang bei|潍坊|36.829|119.090|4
青岛|qing dao|青岛|36.065|120.312|2
青岛北|qing dao bei|青岛|36.169|120.374|2
烟台|yan tai|烟台|37.549|121.378|3
威海|wei hai|威海|37.413|122.075|4
临沂北|lin yi bei|临沂|35.182|118.375|3
日照西|ri zhao xi|日照|35.400|119.415|4
菏泽|he ze|菏泽|35.243|115.485|4
聊城|liao cheng|聊城|36.435|115.962|4
徐州|xu zhou|徐州|34.263|117.207|2
徐州东|xu zhou dong|徐州|34.211|117.301|2
连云港|lian yun gang|连云港|34.607|119.166|3
淮安东|huai an dong|淮安|33.508|119.146|4
盐城|yan cheng|盐城|33.391|120.215|3
南通|nan tong|南通|32.081|120.881|3
扬州东|yang zhou dong|扬州|32.393|119.532|4
南京|nan jing|南京|32.087|118.797|1
南京南|nan jing nan|南京|31.969|118.798|1
镇江|zhen jiang|镇江|32.197|119.437|4
镇江南|zhen jiang nan|镇江|32.139|119.411|4
常州|chang zhou|常州|31.786|119.972|3
常州北|chang zhou bei|常州|31.872|119.980|4
无锡|wu xi|无锡|31.587|120.306|3
无锡东|wu xi dong|无锡|31.600|120.457|4
苏州|su zhou|苏州|31.330|120.610|3
苏州北|su zhou bei|苏州|31.423|120.643|3
昆山南|kun shan nan|苏州|31.357|120.957|4
上海|shang hai|上海|31.250|121.455|1
上海南|shang hai nan|上海|31.153|121.429|2
上海虹桥|shang hai hong qiao|上海|31.194|121.320|1
上海松江|shang hai song jiang|上海|30.986|121.230|4
嘉兴南|jia xing nan|嘉兴|30.690|120.806|4
嘉兴|jia xing|嘉兴|30.766|120.763|4
杭州|hang zhou|杭州|30.243|120.182|2
杭州东|hang zhou dong|杭州|30.291|120.212|1
绍兴北|shao xing bei|绍兴|30.110|120.539|4
宁波|ning bo|宁波|29.863|121.536|2
台州|tai zhou|台州|28.701|121.374|3
温州南|wen zhou nan|温州|27.971|120.580|3
义乌|yi wu|义乌|29.386|120.034|3
金华|jin hua|金华|29.111|119.634|3
丽水|li shui|丽水|28.452|119.926|4
衢州|qu zhou|衢州|28.964|118.880|4
湖州|hu zhou|湖州|30.869|120.018|4
千岛湖|qian dao hu|杭州|29.608|118.942|4
宿州东|su zhou dong|宿州|33.679|117.082|4
蚌埠|beng bu|蚌埠|32.944|117.372|4
蚌埠南|beng bu nan|蚌埠|32.866|117.445|3
滁州|chu zhou|滁州|32.209|118.299|4
合肥|he fei|合肥|31.885|117.317|2
合肥南|he fei nan|合肥|31.799|117.290|1
六安|lu an|六安|31.744|116.540|4
阜阳|fu yang|阜阳|32.897|115.826|3
阜阳西|fu yang xi|阜阳|32.926|115.703|4
芜湖|wu hu|芜湖|31.344|118.387|3
铜陵|tong ling|铜陵|30.934|117.836|4
黄山北|huang shan bei|黄山|29.807|118.288|4
安庆|an qing|安庆|30.548|117.054|4
九江|jiu jiang|九江|29.682|115.998|3
南昌|nan chang|南昌|28.663|115.918|2
南昌西|nan chang xi|南昌|28.621|115.795|1
上饶|shang rao|上饶|28.460|117.955|3
鹰潭|ying tan|鹰潭|28.241|117.027|4
鹰潭北|ying tan bei|鹰潭|28.283|117.033|4
宜春|yi chun|宜春|27.791|114.389|4
萍乡北|ping xiang bei|萍乡|27.671|113.863|4
景德镇北|jing de zhen bei|景德镇|29.357|117.225|4
吉安|ji an|吉安|27.098|115.006|4
吉安西|ji an xi|吉安|27.053|114.916|4
赣州|gan zhou|赣州|25.822|114.960|3
赣州西|gan zhou xi|赣州|25.833|114.868|3
抚州|fu zhou|抚州|27.955|116.356|4
福州|fu zhou|福州|26.112|119.319|2
福州南|fu zhou nan|福州|25.984|119.390|2
宁德|ning de|宁德|26.660|119.520|4
莆田|pu tian|莆田|25.449|119.011|4
泉州|quan zhou|泉州|24.966|118.585|3
厦门|xia men|厦门|24.468|118.115|2
厦门北|xia men bei|厦门|24.637|118.074|2
漳州|zhang zhou|漳州|24.470|117.690|4
龙岩|long yan|龙岩|25.102|117.032|4
三明北|san ming bei|三明|26.403|117.778|4
南平市|nan ping shi|南平|27.360|118.130|4
武夷山北|wu yi shan bei|武夷山|27.800|118.020|4
洛阳|luo yang|洛阳|34.686|112.436|3
洛阳龙门|luo yang long men|洛阳|34.595|112.456|3
三门峡南|san men xia nan|三门峡|34.738|111.173|4
郑州|zheng zhou|郑州|34.746|113.659|1
郑州东|zheng zhou dong|郑州|34.759|113.774|1
开封北|kai feng bei|开封|34.841|114.343|4
开封|kai feng|开封|34.777|114.348|4
商丘|shang qiu|商丘|34.446|115.656|3
新乡东|xin xiang dong|新乡|35.292|114.000|4
新乡|xin xiang|新乡|35.304|113.880|4
安阳东|an yang dong|安阳|36.106|114.436|4
安阳|an yang|安阳|36.108|114.345|4
鹤壁东|he bi dong|鹤壁|35.744|114.300|4
许昌东|xu chang dong|许昌|34.025|113.893|4
漯河西|luo he xi|漯河|33.566|113.971|4
漯河|luo he|漯河|33.571|114.028|4
驻马店西|zhu ma dian xi|驻马店|32.985|113.945|4
驻马店|zhu ma dian|驻马店|32.978|114.030|4
信阳东|xin yang dong|信阳|32.121|114.117|4
信阳|xin yang|信阳|32.136|114.067|4
平顶山西|ping ding shan xi|平顶山|33.786|113.180|4
南阳东|nan yang dong|南阳|32.960|112.650|3
南阳|nan yang|南阳|33.018|112.553|4
武汉|wu han|武汉|30.607|114.424|1
汉口|han kou|武汉|30.617|114.255|1
武昌|wu chang|武汉|30.529|114.317|1
麻城北|ma cheng bei|麻城|31.220|115.030|4
麻城|ma cheng|麻城|31.178|115.014|4
咸宁北|xian ning bei|咸宁|29.866|114.318|4
荆州|jing zhou|荆州|30.352|112.199|4
宜昌东|yi chang dong|宜昌|30.655|111.384|3
恩施|en shi|恩施|30.320|109.500|4
襄阳|xiang yang|襄阳|32.056|112.155|3
襄阳东|xiang yang dong|襄阳|32.059|112.255|3
十堰|shi yan|十堰|32.640|110.793|3
十堰东|shi yan dong|十堰|32.630|110.870|4
岳阳东|yue yang dong|岳阳|29.383|113.183|4
岳阳|yue yang|岳阳|29.378|113.118|4
长沙|chang sha|长沙|28.194|113.013|2
长沙南|chang sha nan|长沙|28.147|113.065|1
株洲|zhu zhou|株洲|27.838|113.146|3
株洲西|zhu zhou xi|株洲|27.833|113.058|4
湘潭北|xiang tan bei|湘潭|27.960|112.910|4
衡阳|heng yang|衡阳|26.893|112.628|3
衡阳东|heng yang dong|衡阳|26.892|112.698|3
郴州|chen zhou|郴州|25.802|113.032|4
郴州西|chen zhou xi|郴州|25.800|112.975|4
娄底南|lou di nan|娄底|27.700|112.010|4
怀化|huai hua|怀化|27.548|109.966|3
怀化南|huai hua nan|怀化|27.512|109.980|3
常德|chang de|常德|29.028|111.712|4
张家界西|zhang jia jie xi|张家界|29.160|110.440|4
广州|guang zhou|广州|23.149|113.257|1
广州南|guang zhou nan|广州|22.989|113.269|1
广州东|guang zhou dong|广州|23.150|113.325|1
广州白云|guang zhou bai yun|广州|23.186|113.263|2
深圳|shen zhen|深圳|22.532|114.117|1
深圳北|shen zhen bei|深圳|22.609|114.029|1
深圳坪山|shen zhen ping shan|深圳|22.706|114.328|4
东莞|dong guan|东莞|23.090|113.860|3
虎门|hu men|东莞|22.861|113.674|4
惠州|hui zhou|惠州|23.150|114.418|3
惠州南|hui zhou nan|惠州|22.800|114.440|4
韶关|shao guan|韶关|24.790|113.560|4
韶关东|shao guan dong|韶关|24.797|113.604|4
清远|qing yuan|清远|23.690|113.050|4
佛山西|fo shan xi|佛山|23.079|113.030|4
肇庆东|zhao qing dong|肇庆|23.164|112.620|4
珠海|zhu hai|珠海|22.215|113.550|3
中山北|zhong shan bei|中山|22.560|113.380|4
江门|jiang men|江门|22.480|113.030|4
阳江|yang jiang|阳江|21.870|111.970|4
茂名|mao ming|茂名|21.650|110.930|4
湛江西|zhan jiang xi|湛江|21.202|110.290|3
潮汕|chao shan|潮州|23.540|116.590|3
汕头|shan tou|汕头|23.370|116.750|3
汕尾|shan wei|汕尾|22.810|115.370|4
梅州西|mei zhou xi|梅州|24.240|116.030|4
南宁|nan ning|南宁|22.828|108.315|2
南宁东|nan ning dong|南宁|22.843|108.403|1
桂林|gui lin|桂林|25.260|110.284|3
桂林北|gui lin bei|桂林|25.330|110.312|3
柳州|liu zhou|柳州|24.303|109.389|3
贵港|gui gang|贵港|23.110|109.600|4
梧州南|wu zhou nan|梧州|23.400|111.240|4
北海|bei hai|北海|21.460|109.130|3
钦州东|qin zhou dong|钦州|21.960|108.650|4
百色|bai se|百色|23.900|106.590|4
贺州|he zhou|贺州|24.450|111.530|4
海口东|hai kou dong|海口|19.984|110.346|2
文昌|wen chang|文昌|19.560|110.740|4
琼海|qiong hai|琼海|19.240|110.460|4
三亚|san ya|三亚|18.290|109.500|2
重庆北|chong qing bei|重庆|29.610|106.550|1
重庆西|chong qing xi|重庆|29.502|106.433|1
沙坪坝|sha ping ba|重庆|29.557|106.460|3
万州北|wan zhou bei|重庆|30.850|108.370|4
永川东|yong chuan dong|重庆|29.280|105.910|4
成都|cheng du|成都|30.697|104.074|1
成都东|cheng du dong|成都|30.629|104.141|1
成都南|cheng du nan|成都|30.606|104.066|3
资阳北|zi yang bei|资阳|30.180|104.600|4
内江北|nei jiang bei|内江|29.630|105.080|4
遂宁|sui ning|遂宁|30.514|105.570|4
南充北|nan chong bei|南充|30.840|106.070|4
达州|da zhou|达州|31.213|107.490|3
德阳|de yang|德阳|31.120|104.390|4
绵阳|mian yang|绵阳|31.470|104.710|3
广元|guang yuan|广元|32.430|105.830|3
乐山|le shan|乐山|29.600|103.720|4
宜宾西|yi bin xi|宜宾|28.760|104.540|3
攀枝花南|pan zhi hua nan|攀枝花|26.490|101.760|4
西昌西|xi chang xi|西昌|27.860|102.210|4
贵阳|gui yang|贵阳|26.560|106.703|2
贵阳北|gui yang bei|贵阳|26.621|106.674|1
遵义|zun yi|遵义|27.650|106.900|3
安顺西|an shun xi|安顺|26.290|105.890|4
凯里南|kai li nan|凯里|26.530|107.900|4
都匀东|du yun dong|都匀|26.280|107.600|4
昆明|kun ming|昆明|25.017|102.721|1
昆明南|kun ming nan|昆明|24.873|102.862|1
曲靖北|qu jing bei|曲靖|25.560|103.830|4
楚雄|chu xiong|楚雄|25.050|101.540|4
大理|da li|大理|25.589|100.250|3
丽江|li jiang|丽江|26.830|100.250|3
西安|xi an|西安|34.278|108.961|1
西安北|xi an bei|西安|34.377|108.939|1
宝鸡|bao ji|宝鸡|34.374|107.149|3
宝鸡南|bao ji nan|宝鸡|34.350|107.150|4
渭南北|wei nan bei|渭南|34.540|109.490|4
华山北|hua shan bei|渭南|34.550|110.080|4
汉中|han zhong|汉中|33.080|107.030|4
安康|an kang|安康|32.710|109.030|4
延安|yan an|延安|36.570|109.490|4
榆林|yu lin|榆林|38.290|109.720|4
兰州|lan zhou|兰州|36.038|103.842|2
兰州西|lan zhou xi|兰州|36.070|103.750|1
天水|tian shui|天水|34.570|105.890|4
天水南|tian shui nan|天水|34.540|105.740|4
定西北|ding xi bei|定西|35.640|104.640|4
武威|wu wei|武威|37.910|102.650|4
张掖|zhang ye|张掖|38.960|100.470|4
张掖西|zhang ye xi|张掖|38.910|100.410|4
嘉峪关|jia yu guan|嘉峪关|39.810|98.300|4
嘉峪关南|jia yu guan nan|嘉峪关|39.740|98.300|4
敦煌|dun huang|敦煌|40.170|94.790|4
西宁|xi ning|西宁|36.622|101.811|2
格尔木|ge er mu|格尔木|36.390|94.900|4
那曲|na qu|那曲|31.450|92.060|4
拉萨|la sa|拉萨|29.626|91.068|2
银川|yin chuan|银川|38.490|106.170|2
中卫|zhong wei|中卫|37.520|105.190|4
哈密|ha mi|哈密|42.840|93.510|4
吐鲁番|tu lu fan|吐鲁番|43.250|88.980|4
吐鲁番北|tu lu fan bei|吐鲁番|43.000|89.110|4
乌鲁木齐|wu lu mu qi|乌鲁木齐|43.853|87.555|1
库尔勒|ku er le|库尔勒|41.770|86.170|4
喀什|ka shi|喀什|39.500|76.040|3
`;

export type DemoStation = Station & {
  readonly rank: 1 | 2 | 3 | 4;
  readonly latitude: number;
  readonly longitude: number;
};

const spelledSo = new Map<string, number>();

export const demoStations: readonly DemoStation[] = table
  .trim()
  .split("\n")
  .map((line): DemoStation => {
    const [name, pinyin, city, latitude, longitude, rank] = line.split("|") as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const syllables = pinyin.split(" ");
    const joined = syllables.join("");
    // 福州 and 抚州 are both spelled fuzhou.
    const namesakes = spelledSo.get(joined) ?? 0;
    spelledSo.set(joined, namesakes + 1);
    return {
      // Upper case, so that a city typed in pinyin is not taken for the one station that bears its name.
      stationId: joined.toUpperCase() + (namesakes === 0 ? "" : namesakes + 1),
      name,
      city,
      pinyin: joined,
      initials: syllables.map((syllable) => syllable[0]).join(""),
      nameEn: englishNameOf(name, city, syllables),
      latitude: Number(latitude),
      longitude: Number(longitude),
      rank: Number(rank) as DemoStation["rank"],
    };
  });

const byName = new Map(demoStations.map((station) => [station.name, station]));
assert(byName.size === demoStations.length, "each demo station has a name of its own");

export function demoStation(name: string): DemoStation {
  const station = byName.get(name);
  assert(station !== undefined, `no demo station ${name}`);
  return station;
}
