"""One case for each turn that a request can take."""

from datetime import timedelta

from app.cli.seed.plot import Case, act

ROUTED = act(0.02, "service", "route")

UNDER_WAY = (
    Case("suggestion", "建议在楼下装一排自行车架", 0.1),
    Case(
        "conduct",
        "窗口人员说话不耐烦，希望核实",
        0.4,
        (act(0.1, "service", "accept"),),
        anonymous=True,
    ),
    Case("parking", "一辆面包车堵在车库出口半天了", 0.5, (ROUTED,)),
    Case("street_light", "三楼楼道灯不亮", 1.2, (ROUTED,)),
    Case("counselling", "最近总睡不着，心里慌", 3, (ROUTED,), anonymous=True),
    Case(
        "water_leak",
        "卫生间水管接头滴水",
        5,
        (
            ROUTED,
            act(1, "worker", "start"),
            act(2, "worker", "remark", text="已关总阀止漏，明天一早带配件上门"),
            act(2.1, "worker", "note", text="住户白天上班，配件放门卫处"),
        ),
    ),
    Case(
        "other",
        "楼下有人半夜唱歌，吵得睡不着",
        15,
        (
            act(0.2, "service", "accept"),
            act(1, "clerk7", "reclassify", category="noise"),
            act(1.1, "service", "assign"),
            act(3, "worker", "start"),
        ),
    ),
    Case(
        "garbage",
        "大件垃圾堆在楼下没人清",
        60,
        (
            ROUTED,
            act(26, "reporter", "urge", text="味道越来越大"),
            act(52, "reporter", "urge"),
            act(53, "manager", "supervise", text="明天中午前清走，并回复居民"),
        ),
    ),
    Case(
        "noise",
        "楼下商铺半夜装卸货",
        44,
        (
            ROUTED,
            act(2, "worker", "start"),
            act(3, "neighbour", "follow"),
            act(20, "worker", "escalate", reason="商铺不配合，需要城管一起到场"),
        ),
    ),
    Case(
        "building_fabric",
        "北面外墙瓷砖鼓起来了",
        70,
        (
            ROUTED,
            act(3, "worker", "start"),
            act(
                8,
                "worker",
                "suspend",
                reason="已围挡，等检测机构的报告",
                until=timedelta(days=5),
            ),
        ),
    ),
    Case(
        "building_fabric",
        "楼顶漏雨，顶层几户都湿了",
        90,
        (
            ROUTED,
            act(2, "worker", "start"),
            act(60, "worker", "ask-extension", extra="10wd", reason="先要业主表决动用维修资金"),
        ),
    ),
    Case(
        "pets",
        "有人在花坛遛大狗不牵绳",
        9,
        (ROUTED, act(2, "worker", "return", reason="属于城管执法范围")),
    ),
    Case(
        "door",
        "单元门关不上，谁都能进来",
        28,
        (
            ROUTED,
            act(1, "neighbour", "follow"),
            act(2, "manager", "join"),
            act(3, "worker", "start"),
            act(27, "neighbour", "urge", text="晚上不安全"),
        ),
    ),
    Case(
        "allowance",
        "母亲住院花费大，想申请临时救助",
        32,
        (
            ROUTED,
            act(1, "worker", "start"),
            act(2, "worker", "convene", person_id="@clerk1", asked="请上门看看家里的情况"),
            act(20, "clerk1", "report-back", report="已走访，一家三口，只有一人有收入"),
            act(20.1, "clerk1", "log-effort", minutes=60),
            act(26, "minzheng", "report-back", report="材料齐全，已受理"),
        ),
    ),
    Case(
        "property_service",
        "物业费涨了也没公示",
        180,
        (
            ROUTED,
            act(1, "worker", "start"),
            act(30, "worker", "complete", note="物业已张贴收费公示"),
            act(40, "clerk7", "visit", resolved=False, satisfied=False, comment="只贴了一张"),
            act(50, "worker", "start"),
            act(70, "worker", "complete", note="每个单元都已张贴"),
            act(80, "clerk7", "visit", resolved=True, satisfied=False, comment="账目还是不清楚"),
        ),
    ),
    Case(
        "ebike",
        "有人推电动车上楼充电",
        150,
        (
            ROUTED,
            act(1, "worker", "start"),
            act(1.8, "worker", "complete", note="上门劝导，车已推到充电棚"),
            act(5, "reporter", "judge", resolved=True, satisfied=True),
            act(5.1, "service", "close"),
            act(120, "reporter", "reopen", reason="又有人推车上楼了"),
        ),
    ),
)

DONE = (
    Case(
        "drain",
        "厨房下水道返水",
        20,
        (
            ROUTED,
            act(2, "worker", "start"),
            act(6, "worker", "complete", note="疏通户内和主管道，试水通畅"),
            act(6.1, "worker", "log-effort", minutes=90),
        ),
    ),
    Case(
        "cleaning",
        "三楼过道堆着旧家具",
        26,
        (
            ROUTED,
            act(1, "worker", "start"),
            act(5, "worker", "complete", note="物主已搬走，过道清理干净"),
            act(20, "manager", "verify"),
        ),
    ),
    Case(
        "elevator",
        "电梯关门时有异响",
        50,
        (
            ROUTED,
            act(0.5, "worker", "start"),
            act(3, "worker", "complete", note="维保更换门轮，试运行正常"),
            act(10, "reporter", "judge", resolved=True, satisfied=True),
            act(10.1, "reporter", "rate", score=5, comment="修好了，谢谢师傅"),
            act(10.2, "service", "close"),
        ),
    ),
    Case(
        "water_leak",
        "厨房水龙头修过又漏",
        130,
        (
            ROUTED,
            act(1, "worker", "start"),
            act(4, "worker", "complete", note="更换垫圈"),
            act(8, "reporter", "judge", resolved=False, satisfied=False, comment="晚上又漏了"),
            act(20, "worker", "start"),
            act(24, "worker", "complete", note="换了整个水龙头"),
            act(30, "reporter", "judge", resolved=True, satisfied=True),
            act(30.1, "reporter", "rate", score=4, comment="第二次才修好"),
            act(30.2, "service", "close"),
        ),
    ),
    Case(
        "greening",
        "草坪枯了一大片",
        240,
        (
            ROUTED,
            act(5, "worker", "start"),
            act(40, "worker", "ask-extension", extra="3wd", reason="等草皮到货"),
            act(45, "manager", "decide-extension", granted=True, answer="同意，请告知居民"),
            act(50, "worker", "transfer", worker_id="@clerk6", reason="草皮由物业条线采购"),
            act(60, "worker", "start"),
            act(100, "worker", "complete", note="补种草皮约二十平方米"),
            act(120, "reporter", "judge", resolved=True, satisfied=True),
            act(120.1, "service", "close"),
        ),
    ),
    Case(
        "animals",
        "单元门口有马蜂窝",
        200,
        (
            ROUTED,
            act(3, "worker", "return", reason="没有专业设备"),
            act(4, "manager", "decide-return", granted=False, answer="请联系消防一起处理"),
            act(5, "worker", "start"),
            act(9, "worker", "complete", note="消防队已摘除"),
            act(12, "reporter", "judge", resolved=True, satisfied=True),
            act(12.1, "reporter", "rate", score=5),
            act(12.2, "service", "close"),
        ),
    ),
    Case(
        "power",
        "单元电表箱冒火花",
        300,
        (
            ROUTED,
            act(0.5, "worker", "start"),
            act(1, "worker", "suspend", reason="已断电，等供电公司到场"),
            act(6, "worker", "resume"),
            act(9, "worker", "complete", note="供电公司更换表箱，恢复供电"),
            act(20, "reporter", "judge", resolved=True, satisfied=True),
            act(20.1, "service", "close"),
        ),
    ),
    Case(
        "greening",
        "窗前的树枝想修一下",
        30,
        (ROUTED, act(4, "reporter", "withdraw", reason="已经和物业说好了")),
    ),
)

CASES = (*UNDER_WAY, *DONE)
